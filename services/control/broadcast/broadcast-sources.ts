import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Reason, SourceList } from '#core/domain/media.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { LinkHost } from '../link/link-host.ts';

const takenFile = z.object({ id: z.string().nullable() });
/** Media gives a source 10 s to deliver. */
const takeDeadlineMs = 11_000;

type Outcome = { onAir: true } | { onAir: false; reason: Reason | null };

/** What can be on the air, as media says it, and which source was taken instead of `video.source`: until stop. */
export class BroadcastSources {
  readonly events = new EventHub<{ takenChanged: { taken: string | null }; sourcesChanged: SourceList }>();
  readonly #broadcast: Broadcast;
  readonly #link: LinkHost;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #path: string;
  #list: SourceList = { sources: [], onAir: null, slate: false };
  #taken: string | null = null;
  #saving: Promise<void> = Promise.resolve();
  /** Ends what waits for a source that was taken; another one was. */
  #supersede: () => void = () => {};
  #ends: (() => void)[] = [];

  /** @param options.path a file in the runtime directory: a taken source survives a crash of control, not a reboot */
  constructor(options: { broadcast: Broadcast; link: LinkHost; path: string; clock: Clock; logger: Logger }) {
    this.#broadcast = options.broadcast;
    this.#link = options.link;
    this.#path = options.path;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  get list(): SourceList {
    return this.#list;
  }

  /** The id of the source that is shown instead of `video.source`; null where none is. */
  get taken(): string | null {
    return this.#taken;
  }

  async start(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch(() => '{"id":null}');
    const parsed = takenFile.safeParse(parseJson(text));
    this.#taken = parsed.success ? parsed.data.id : null;
    this.#ends = [
      this.#link.events.on('media', (message) => {
        if (message.type !== 'media_sources') return;
        this.#list = message.payload;
        this.events.emit('sourcesChanged', this.#list);
      }),
      this.#broadcast.events.on('broadcastChanged', ({ current: { state } }) => {
        if (state === 'stopping' || state === 'failed') this.#set(null);
      }),
    ];
  }

  close(): void {
    this.#supersede();
    for (const end of this.#ends.splice(0)) end();
  }

  /** Puts a source on the air. @throws OnairError `not-found`, `conflict` or `unavailable`; what was shown stays */
  async take(id: string): Promise<SourceList> {
    const entry = this.#list.sources.find((source) => source.id === id);
    if (!entry) {
      throw new OnairError('not-found', `There is no source ${id} here.`, {
        subject: 'source',
        action: 'See GET /api/v1/sources, or onair sources.',
      });
    }
    if (!this.#broadcast.wanted) {
      this.#set(id);
      return this.#list;
    }
    if (this.#list.onAir === id) {
      this.#set(id);
      return this.#list;
    }
    if (entry.state === 'waiting') {
      throw new OnairError('conflict', entry.reason?.message ?? `Nobody publishes to ${entry.name} yet.`, {
        subject: 'source',
        action: entry.reason?.action ?? 'Start the stream at the sender, then take it.',
      });
    }
    const before = this.#taken;
    const outcome = this.#outcome(id);
    this.#set(id);
    const result = await outcome;
    if (result.onAir) return this.#list;
    if (this.#taken === id) this.#set(before);
    throw new OnairError('unavailable', result.reason?.message ?? `No pictures came from ${entry.name}.`, {
      subject: 'source',
      action: result.reason?.action ?? 'What was on the air before stays. Check the source, then try again.',
    });
  }

  #set(id: string | null): void {
    if (id === this.#taken) return;
    this.#taken = id;
    this.#save(id);
    this.events.emit('takenChanged', { taken: id });
  }

  /** Until its pictures are on the air, or it is known that they will not be. */
  #outcome(id: string): Promise<Outcome> {
    this.#supersede();
    return new Promise((resolve) => {
      const ends: (() => void)[] = [];
      const settle = (outcome: Outcome) => {
        for (const end of ends.splice(0)) end();
        resolve(outcome);
      };
      const lost = () => settle({ onAir: false, reason: null });
      this.#supersede = lost;
      ends.push(
        this.events.on('sourcesChanged', ({ onAir }) => {
          if (onAir === id) settle({ onAir: true });
        }),
        this.#link.events.on('media', (message) => {
          if (message.type !== 'media_state') return;
          const { state, reason, refusal } = message.payload;
          if (refusal === true && state === 'running') settle({ onAir: false, reason });
          if (state === 'refused') settle({ onAir: false, reason });
        }),
        this.#broadcast.events.on('broadcastChanged', () => {
          if (!this.#broadcast.wanted) lost();
        }),
        this.#clock.after(takeDeadlineMs, lost),
      );
    });
  }

  #save(id: string | null): void {
    this.#saving = this.#saving.then(async () => {
      try {
        await writeFile(`${this.#path}.tmp`, JSON.stringify({ id }), { mode: 0o600 });
        await rename(`${this.#path}.tmp`, this.#path);
      } catch (error) {
        this.#logger.error(
          { err: error },
          'which source was taken could not be stored: a crash would forget it',
        );
      }
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
