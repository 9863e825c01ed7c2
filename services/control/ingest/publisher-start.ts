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

interface Deps {
  ingest: Ingest;
  broadcast: Broadcast;
  settings: () => Settings;
  path: string;
  clock: Clock;
  logger: Logger;
}

/**
 * `ingest.goesLive`: where `video.source` is what somebody begins to publish to, the box goes live; a broadcast that
 * began so ends 60 s after the publisher left. Else publishing starts and ends nothing.
 */
export class PublisherStart {
  readonly #deps: Deps;
  #memory: Memory = { began: false, seen: {} };
  #saving: Promise<void> = Promise.resolve();
  #cancelEnd: () => void = () => {};
  #ends: (() => void)[] = [];

  /** @param options.path a file in the runtime directory: it survives a crash of control, not a reboot */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const text = await readFile(this.#deps.path, 'utf8').catch(() => '');
    const parsed = memory.safeParse(parseJson(text));
    if (parsed.success) this.#memory = parsed.data;
    this.#ends = [
      this.#deps.ingest.events.on('publisherJoined', ({ kind, since }) => this.#join(kind, since)),
      this.#deps.ingest.events.on('publisherLeft', ({ kind }) => this.#leave(kind)),
      this.#deps.broadcast.events.on('broadcastChanged', () => {
        if (this.#deps.broadcast.wanted || !this.#memory.began) return;
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
    const { ingest, video } = this.#deps.settings();
    if (video.source !== kind) return;
    this.#cancelEnd();
    if (!isNew || !ingest.goesLive || this.#deps.broadcast.wanted) return;
    this.#deps.logger.info({ kind }, 'a publisher takes the box live');
    this.#deps.broadcast.start();
    this.#remember({ began: true });
  }

  #leave(kind: WayIn): void {
    if (this.#memory.began && this.#deps.settings().video.source === kind) this.#endLater();
  }

  #endLater(): void {
    this.#cancelEnd();
    this.#cancelEnd = this.#deps.clock.after(endAfterMs, () => {
      if (!this.#memory.began) return;
      this.#deps.logger.info({}, 'the publisher that began the broadcast has left: it ends');
      this.#deps.broadcast.stop();
    });
  }

  #remember(change: Partial<Memory>): void {
    this.#memory = { ...this.#memory, ...change };
    const text = JSON.stringify(this.#memory);
    this.#saving = this.#saving.then(async () => {
      try {
        await writeFile(`${this.#deps.path}.tmp`, text, { mode: 0o600 });
        await rename(`${this.#deps.path}.tmp`, this.#deps.path);
      } catch (error) {
        this.#deps.logger.error({ err: error }, 'who began the broadcast could not be stored');
      }
    });
  }
}
