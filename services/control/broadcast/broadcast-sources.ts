import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { MediaRequest, SourceEntry, SourceList } from '#core/domain/media.ts';
import type { Problem } from '#core/domain/problem.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { SourceListBody } from '#core/protocol/endpoints/sources.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { LinkHost } from '../link/link-host.ts';

const takenFile = z.object({ id: z.string().nullable(), slate: z.boolean().default(false) });
/** Taken like a source: "back in a moment", over whatever is on the air. */
const slate = 'slate';
/** Media gives a source 10 s to deliver. */
const takeDeadlineMs = 11_000;

type TakenSource = Pick<MediaRequest, 'take' | 'holdSlate'>;
type Outcome = { onAir: true } | { onAir: false; reason: Problem | null };

interface Deps {
  broadcast: Broadcast;
  link: LinkHost;
  path: string;
  clock: Clock;
  logger: Logger;
}

/** What can be on the air, as media says it, and which source was taken instead of `video.source`: until stop. */
export class BroadcastSources {
  readonly events = new EventHub<{ takenChanged: TakenSource; sourcesChanged: SourceList }>();
  readonly #deps: Deps;
  #list: SourceList = { sources: [], microphones: [], onAir: null, slate: false };
  #taken: string | null = null;
  #holdSlate = false;
  readonly #saving = new SerialQueue();
  /** Ends what waits for a source that was taken; another one was. */
  #supersede: () => void = () => {};
  #ends: (() => void)[] = [];

  /** @param deps.path a file in the runtime directory: a taken source survives a crash of control, not a reboot */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get list(): SourceListBody {
    return { ...this.#list, taken: this.#holdSlate ? slate : this.#taken };
  }

  /** What is shown instead of `video.source`. */
  get taken(): TakenSource {
    return { take: this.#taken, holdSlate: this.#holdSlate };
  }

  async start(): Promise<void> {
    const text = await readFile(this.#deps.path, 'utf8').catch(() => '{"id":null,"slate":false}');
    const parsed = takenFile.safeParse(parseJson(text));
    this.#taken = parsed.success ? parsed.data.id : null;
    this.#holdSlate = parsed.success && parsed.data.slate;
    this.#ends = [
      this.#deps.link.events.on('media', (message) => {
        if (message.type !== 'media_sources') return;
        this.#list = message.payload;
        this.events.emit('sourcesChanged', this.#list);
      }),
      this.#deps.broadcast.events.on('broadcastChanged', ({ current: { state } }) => {
        if (state === 'stopping' || state === 'failed') this.#set(null, false);
      }),
    ];
  }

  close(): void {
    this.#supersede();
    for (const end of this.#ends.splice(0)) end();
  }

  /** Puts a source, or the slate, on the air. @throws OnairError `not-found`, `conflict` or `unavailable`; what was shown stays */
  async take(id: string): Promise<SourceListBody> {
    if (id === slate) return this.#takeSlate();
    const entry = this.find(id);
    if (!this.#deps.broadcast.wanted || this.#list.onAir === id) {
      this.#set(id, false);
      return this.list;
    }
    if (entry.state === 'waiting') {
      throw new OnairError('conflict', entry.reason?.message ?? `Nobody publishes to ${entry.name} yet.`, {
        subject: 'source',
        action: entry.reason?.action ?? 'Start the stream at the sender, then take it.',
      });
    }
    const before = this.taken;
    const outcome = this.#outcome(({ onAir }) => onAir === id);
    this.#set(id, false);
    const result = await outcome;
    if (result.onAir) return this.list;
    if (this.#taken === id) this.#set(before.take, before.holdSlate);
    throw new OnairError('unavailable', result.reason?.message ?? `No pictures came from ${entry.name}.`, {
      subject: 'source',
      action: result.reason?.action ?? 'What was on the air before stays. Check the source, then try again.',
    });
  }

  /** Ends the slate, or returns to `video.source`. Releasing a source that is not taken changes nothing. */
  release(id: string): SourceListBody {
    if (id === slate) this.#set(this.#taken, false);
    else if (id === this.#taken) this.#set(null, this.#holdSlate);
    return this.list;
  }

  /** @throws OnairError `not-found` */
  find(id: string): SourceEntry {
    const entry = this.#list.sources.find((source) => source.id === id);
    if (entry) return entry;
    throw new OnairError('not-found', `There is no source ${id} here.`, {
      subject: 'source',
      action: 'See GET /api/v1/sources, or onair sources.',
    });
  }

  async #takeSlate(): Promise<SourceListBody> {
    const shown = this.#deps.broadcast.wanted && !this.#list.slate;
    const outcome = shown ? this.#outcome((list) => list.slate) : null;
    this.#set(this.#taken, true);
    await outcome;
    return this.list;
  }

  #set(id: string | null, holdSlate: boolean): void {
    if (id === this.#taken && holdSlate === this.#holdSlate) return;
    this.#taken = id;
    this.#holdSlate = holdSlate;
    this.#save({ id, slate: holdSlate });
    this.events.emit('takenChanged', this.taken);
  }

  /** Until its pictures are on the air, or it is known that they will not be. */
  #outcome(isThere: (list: SourceList) => boolean): Promise<Outcome> {
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
        this.events.on('sourcesChanged', (list) => {
          if (isThere(list)) settle({ onAir: true });
        }),
        this.#deps.link.events.on('media', (message) => {
          if (message.type !== 'media_state') return;
          const { state, reason, refusal } = message.payload;
          if (refusal === true && state === 'running') settle({ onAir: false, reason });
          if (state === 'refused') settle({ onAir: false, reason });
        }),
        this.#deps.broadcast.events.on('broadcastChanged', () => {
          if (!this.#deps.broadcast.wanted) lost();
        }),
        this.#deps.clock.after(takeDeadlineMs, lost),
      );
    });
  }

  #save(taken: z.infer<typeof takenFile>): void {
    void this.#saving.run(async () => {
      try {
        await writeFile(`${this.#deps.path}.tmp`, JSON.stringify(taken), { mode: 0o600 });
        await rename(`${this.#deps.path}.tmp`, this.#deps.path);
      } catch (error) {
        this.#deps.logger.error(
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
