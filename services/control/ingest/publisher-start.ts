import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '#core/domain/clock.ts';
import { parseJson } from '#core/domain/json.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Ingest, WayIn } from './ingest.ts';

const memory = z.object({
  /** A publisher began the broadcast that is on the air. */
  began: z.boolean(),
  /** When each began whose coming was acted on: control may be restarted meanwhile, they are not. */
  seen: z.record(z.string(), z.string()),
});
type Memory = z.infer<typeof memory>;

/** As LANCast's table has it ("Stream ends: RTMP disconnect"), with room for a sender that comes back. */
const endAfterMs = 60_000;

/**
 * `ingest.goesLive`: where `video.source` is what somebody begins to publish to, the box goes live; a broadcast that
 * began so ends 60 s after the publisher left. Else publishing starts and ends nothing.
 */
export class PublisherStart {
  readonly #ingest: Ingest;
  readonly #broadcast: Broadcast;
  readonly #settings: () => Settings;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #memory: Memory = { began: false, seen: {} };
  #saving: Promise<void> = Promise.resolve();
  #cancelEnd: () => void = () => {};
  #ends: (() => void)[] = [];

  /** @param options.path a file in the runtime directory: it survives a crash of control, not a reboot */
  constructor(options: {
    ingest: Ingest;
    broadcast: Broadcast;
    settings: () => Settings;
    path: string;
    clock: Clock;
    logger: Logger;
  }) {
    this.#ingest = options.ingest;
    this.#broadcast = options.broadcast;
    this.#settings = options.settings;
    this.#path = options.path;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    const parsed = memory.safeParse(parseJson(text));
    if (parsed.success) this.#memory = parsed.data;
    this.#ends = [
      this.#ingest.events.on('publisherJoined', ({ kind, since }) => this.#join(kind, since)),
      this.#ingest.events.on('publisherLeft', ({ kind }) => this.#leave(kind)),
      this.#broadcast.events.on('broadcastChanged', () => {
        if (this.#broadcast.wanted || !this.#memory.began) return;
        this.#cancelEnd();
        this.#remember({ began: false });
      }),
    ];
    // The publisher may have left while control was away; who is still there joins in a moment.
    if (this.#memory.began) this.#endLater();
  }

  async close(): Promise<void> {
    this.#cancelEnd();
    for (const end of this.#ends.splice(0)) end();
    await this.#saving;
  }

  #join(kind: WayIn, since: string): void {
    const isNew = this.#memory.seen[kind] !== since;
    this.#remember({ seen: { ...this.#memory.seen, [kind]: since } });
    const { ingest, video } = this.#settings();
    if (video.source !== kind) return;
    this.#cancelEnd();
    if (!isNew || !ingest.goesLive || this.#broadcast.wanted) return;
    this.#logger.info({ kind }, 'a publisher takes the box live');
    this.#broadcast.start();
    this.#remember({ began: true });
  }

  #leave(kind: WayIn): void {
    if (this.#memory.began && this.#settings().video.source === kind) this.#endLater();
  }

  #endLater(): void {
    this.#cancelEnd();
    this.#cancelEnd = this.#clock.after(endAfterMs, () => {
      if (!this.#memory.began) return;
      this.#logger.info({}, 'the publisher that began the broadcast has left: it ends');
      this.#broadcast.stop();
    });
  }

  #remember(change: Partial<Memory>): void {
    this.#memory = { ...this.#memory, ...change };
    const text = JSON.stringify(this.#memory);
    this.#saving = this.#saving.then(async () => {
      try {
        await writeFile(`${this.#path}.tmp`, text, { mode: 0o600 });
        await rename(`${this.#path}.tmp`, this.#path);
      } catch (error) {
        this.#logger.error({ err: error }, 'who began the broadcast could not be stored');
      }
    });
  }
}
