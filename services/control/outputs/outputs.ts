import type { Clock } from '#core/domain/clock.ts';
import { parseDestination } from '#core/domain/destination.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { presetComplaints, presetOf } from '#core/domain/output-presets.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { OutputBody, OutputPatch, OutputRequest } from '#core/protocol/endpoints/outputs.ts';
import type { FromOutputs } from '#core/protocol/link/outputs.ts';
import type { PanelCondition } from '#core/protocol/link/panel.ts';
import { busTimescale } from '#core/protocol/media-bus.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { OutputStore, StoredOutput } from './output-store.ts';
import type { RtspOffer } from './rtsp-offer.ts';

type Report = Extract<FromOutputs, { type: 'outputs_report' }>['payload']['outputs'][number];

/** One encode feeds all of them; each takes a process and the line's bitrate. */
const maxOutputs = 20;

const daemonAway: Problem = {
  code: 'outputs-restarting',
  message: 'The outputs service is restarting.',
  action: 'Nothing: it comes back by itself.',
};

interface OutputsOptions {
  store: OutputStore;
  broadcast: Broadcast;
  link: LinkHost;
  settings: () => Settings;
  rtsp: RtspOffer;
  newId: () => string;
  clock: Clock;
}

/** The restream destinations: what is wanted of each, kept; and how each is doing, as the outputs daemon says. */
export class Outputs {
  /** A state or its reason changed, or the list did. */
  readonly events = new EventHub<{ outputsChanged: undefined }>();
  readonly #options: OutputsOptions;
  readonly #reports = new Map<string, Report>();
  readonly #since = new Map<string, string>();
  readonly #startedTicks = new Map<string, number>();
  #live = false;
  #states: ReadonlyMap<string, string> = new Map();
  /** What was announced last. */
  #shown = '';

  constructor(options: OutputsOptions) {
    this.#options = options;
  }

  /** Where RTSP is offered; null where it is not. */
  get rtspPort(): number | null {
    return this.#options.rtsp.port;
  }

  /** What the status says is wrong. */
  get problems(): Problem[] {
    return this.#options.rtsp.problems;
  }

  get list(): OutputBody[] {
    return this.#options.store.outputs.map((output) => this.#body(output));
  }

  /** What the lights say: a broadcast runs, and a destination does not take it. */
  get conditions(): PanelCondition[] {
    const isFailing = this.list.some(({ state }) => state === 'failed' || state === 'retrying');
    return isFailing ? ['output-failing'] : [];
  }

  start(): void {
    const { broadcast, link } = this.#options;
    link.events.on('joined', ({ daemon }) => {
      if (daemon === 'outputs') this.#configure();
    });
    link.events.on('left', ({ daemon }) => {
      if (daemon !== 'outputs') return;
      this.#reports.clear();
      this.#announce();
    });
    link.events.on('outputs', (message) => {
      if (message.type === 'outputs_report') this.#receive(message.payload.outputs);
    });
    broadcast.events.on('broadcastChanged', () => this.#follow());
    this.#options.rtsp.events.on('rtspChanged', () => this.events.emit('outputsChanged', undefined));
    this.#options.rtsp.start();
    this.#follow();
  }

  /** @throws OnairError `invalid-message`, `full` */
  async add({ name, url, key, enabled = true }: OutputRequest): Promise<OutputBody> {
    const { store, newId } = this.#options;
    if (store.outputs.length >= maxOutputs) {
      throw new OnairError('full', `There are ${maxOutputs} destinations already.`, {
        action: 'Remove one that is not used any more.',
      });
    }
    const output = { id: newId(), name, enabled, ...parseDestination(url, key ?? null) };
    await this.#save([...store.outputs, output]);
    return this.#body(output);
  }

  /** @throws OnairError `not-found`, `invalid-message` */
  async change(id: string, patch: OutputPatch): Promise<OutputBody> {
    const before = this.#find(id);
    const output = {
      ...before,
      ...destinationAfter(before, patch),
      name: patch.name ?? before.name,
      enabled: patch.enabled ?? before.enabled,
    };
    await this.#save(this.#options.store.outputs.map((each) => (each.id === id ? output : each)));
    return this.#body(output);
  }

  /** @throws OnairError `not-found` */
  async remove(id: string): Promise<void> {
    this.#find(id);
    await this.#save(this.#options.store.outputs.filter((each) => each.id !== id));
  }

  #find(id: string): StoredOutput {
    const found = this.#options.store.outputs.find((each) => each.id === id);
    if (found) return found;
    throw new OnairError('not-found', 'There is no such destination.', {
      subject: 'output',
      action: 'GET /api/v1/outputs lists them.',
    });
  }

  async #save(outputs: StoredOutput[]): Promise<void> {
    await this.#options.store.save(outputs);
    for (const id of this.#reports.keys())
      if (!outputs.some((each) => each.id === id)) this.#reports.delete(id);
    this.#configure();
    this.#announce();
  }

  #follow(): void {
    const live = this.#options.broadcast.wanted;
    if (live === this.#live) return;
    this.#live = live;
    this.#startedTicks.clear();
    this.#configure();
    this.#announce();
  }

  #configure(): void {
    const { store, link } = this.#options;
    const enabled = store.outputs.filter((output) => output.enabled);
    for (const id of this.#startedTicks.keys())
      if (!enabled.some((each) => each.id === id)) this.#startedTicks.delete(id);
    const outputs = enabled.map(({ id, kind, url, key, extra }) => ({
      id,
      kind,
      url,
      key,
      extra,
      startedTicks: this.#started(id),
    }));
    link.sendToOutputs({ type: 'outputs_configure', payload: { live: this.#live, outputs } });
  }

  #started(id: string): number {
    const nowTicks = Math.floor((this.#options.clock.monotonicMs() * busTimescale) / 1_000);
    const ticks = this.#startedTicks.get(id) ?? nowTicks;
    this.#startedTicks.set(id, ticks);
    return ticks;
  }

  #receive(reports: Report[]): void {
    this.#reports.clear();
    for (const report of reports) this.#reports.set(report.id, report);
    this.#announce();
  }

  /** Tells those who show states; figures alone are no news. */
  #announce(): void {
    const now = new Date(this.#options.clock.nowMs()).toISOString();
    const known = this.#states;
    this.#states = new Map(this.list.map(({ id, state }) => [id, state]));
    for (const [id, state] of this.#states) if (known.get(id) !== state) this.#since.set(id, now);
    for (const id of known.keys()) if (!this.#states.has(id)) this.#since.delete(id);
    const shown = JSON.stringify(this.list.map(({ id, name, state, reason }) => [id, name, state, reason]));
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.events.emit('outputsChanged', undefined);
  }

  #body(output: StoredOutput): OutputBody {
    const { id, name, kind, url, enabled } = output;
    const { state, reason, ...figures } = this.#state(output);
    const preset = presetOf(url);
    const complaints = preset === null ? [] : presetComplaints(preset, this.#options.settings().video);
    const since = this.#since.get(id) ?? null;
    return { id, name, kind, url, enabled, state, reason, since, ...figures, complaints };
  }

  #state({ id, enabled }: StoredOutput): Omit<Report, 'id'> {
    const none = { reason: null, bitrateKbps: null, bytesSent: 0, reconnects: 0, droppedFrames: 0 };
    if (!enabled) return { state: 'off', ...none };
    if (!this.#live) return { state: 'waiting', ...none };
    const report = this.#reports.get(id);
    if (report && report.state !== 'waiting') {
      const { id: _, ...rest } = report;
      return rest;
    }
    return this.#options.link.has('outputs')
      ? { state: 'connecting', ...none }
      : { state: 'retrying', ...none, reason: daemonAway };
  }
}

/** A key stays where neither it nor another address is given. */
function destinationAfter(before: StoredOutput, { url, key }: OutputPatch): Partial<StoredOutput> {
  if (url === undefined && key === undefined) return {};
  if (url === undefined || url === before.url) {
    if (key === undefined) return {};
    if (key === null && before.kind === 'rtmp') {
      throw new OnairError('invalid-message', 'An RTMP destination has a stream key.', {
        subject: 'key',
        action: 'Give the new one, or remove the destination.',
      });
    }
    return { key: key === null ? null : parseDestination(before.url, key).key };
  }
  // An address without room for a key of its own goes with the one that is there.
  const isKeyless = before.kind === 'rtmp' && /^rtmps?:\/\/[^/]+\/[^/]+\/?$/i.test(url);
  return parseDestination(url, key ?? (isKeyless ? before.key : null));
}
