import { randomUUID } from 'node:crypto';
import type { Clock } from '#core/domain/clock.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { WebhookEvent } from '#core/domain/webhook.ts';
import type { OutputBody } from '#core/protocol/endpoints/outputs.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Outputs } from '../outputs/outputs.ts';
import type { Recordings } from '../recordings/recordings.ts';
import { Lane } from './lane.ts';

interface WebhooksOptions {
  settings: () => Settings;
  broadcast: Broadcast;
  outputs: Pick<Outputs, 'list' | 'events'>;
  recordings: Pick<Recordings, 'state' | 'events'>;
  clock: Clock;
  logger: Logger;
  report: (problem: Problem | null) => void;
}

/**
 * Tells programs elsewhere of what happens: live, offline, trouble, a recording that is complete. Signed as Standard
 * Webhooks has it, tried again, and never waited for.
 */
export class Webhooks {
  readonly #options: WebhooksOptions;
  #lanes: Lane[] = [];
  readonly #failing = new Map<string, string>();
  /** Destinations whose trouble was told, until they are live again. */
  readonly #failingOutputs = new Set<string>();
  #recordingFailed = false;

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  start(): void {
    const { broadcast, outputs, recordings } = this.#options;
    broadcast.events.on('broadcastStarted', ({ startTime }) => this.#tell('live', { startTime }));
    broadcast.events.on('broadcastEnded', (ended) => this.#tell('offline', ended));
    broadcast.events.on('broadcastInterrupted', ({ reason }) =>
      this.#tell('trouble', { about: 'broadcast', reason }),
    );
    broadcast.events.on('broadcastChanged', ({ current, previous }) => {
      if (current.state !== 'failed' || previous.state === 'failed') return;
      this.#tell('trouble', { about: 'broadcast', reason: current.reason });
    });
    outputs.events.on('outputsChanged', () => this.#watchOutputs(outputs.list));
    recordings.events.on('recordingChanged', () => this.#watchRecording());
    recordings.events.on('recordingCompleted', (recording) =>
      this.#tell('recording.complete', { recording }),
    );
    this.applySettings();
  }

  /** Hooks that stay keep what waits for them. */
  applySettings(): void {
    const { settings, clock, logger } = this.#options;
    const { urls } = settings().webhooks;
    for (const lane of this.#lanes.filter(({ url }) => !urls.includes(url))) {
      lane.close();
      this.#failing.delete(lane.url);
    }
    this.#lanes = [...new Set(urls)].map(
      (url) =>
        this.#lanes.find((lane) => lane.url === url) ??
        new Lane({
          url,
          secret: () => settings().webhooks.secret,
          clock,
          logger,
          onState: (failure) => this.#note(url, failure),
        }),
    );
    this.#report();
  }

  close(): void {
    for (const lane of this.#lanes) lane.close();
    this.#lanes = [];
  }

  #tell(event: WebhookEvent, data: object): void {
    const { settings, clock } = this.#options;
    const { webhooks, device, broadcast } = settings();
    if (!webhooks.events.includes(event)) return;
    const body = JSON.stringify({
      type: event,
      timestamp: new Date(clock.nowMs()).toISOString(),
      data: { device: { id: device.id, name: device.name }, title: broadcast.title, ...data },
    });
    const id = `msg_${randomUUID()}`;
    for (const lane of this.#lanes) lane.send({ id, event, body });
  }

  #watchOutputs(outputs: readonly OutputBody[]): void {
    for (const { id, name, kind, state, reason } of outputs) {
      const isFailing = state === 'failed' || state === 'retrying';
      if (isFailing && !this.#failingOutputs.has(id)) {
        this.#failingOutputs.add(id);
        this.#tell('trouble', { about: 'output', output: { id, name, kind, state }, reason });
      } else if (state === 'live' || state === 'off' || state === 'waiting') this.#failingOutputs.delete(id);
    }
  }

  #watchRecording(): void {
    const { state, reason } = this.#options.recordings.state;
    const failed = state === 'failed';
    if (failed && !this.#recordingFailed) this.#tell('trouble', { about: 'recording', reason });
    this.#recordingFailed = failed;
  }

  #note(url: string, failure: string | null): void {
    if (failure === null) this.#failing.delete(url);
    else this.#failing.set(url, failure);
    this.#report();
  }

  /** By host alone: the rest of a hook's address is often its secret. */
  #report(): void {
    const [first] = this.#failing;
    this.#options.report(
      first === undefined
        ? null
        : {
            code: 'webhook-failing',
            message: `The webhook at ${new URL(first[0]).host} does not take what is sent: ${first[1]}.`,
            action:
              'Check webhooks.urls and the program there. The box tries again by itself, for half an hour.',
          },
    );
  }
}
