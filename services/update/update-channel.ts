import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import type { Clock } from '#core/domain/clock.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { updateReasons } from './update-error.ts';
import { compareVersions } from './version-order.ts';

const lookEveryMs = 6 * 3_600_000;
const lookAgainMs = 10 * 60_000;
const answerWithinMs = 20_000;
const maxFileBytes = 64 * 1024;
/** Installing restarts the box: somebody may be about to go live again. */
const quietForMs = 10 * 60_000;
const considerEveryMs = 60_000;

/** What a channel file says: the newest version, and where its bundle is, relative to the file. */
const channelFile = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+([-+][\w.+-]{1,64})?$/),
  url: z.string().min(1).max(2_048),
});

export interface Offer {
  version: string;
  /** Of its bundle. */
  url: string;
}

interface UpdateChannelOptions {
  /** The version that runs. */
  version: string;
  fetch: typeof fetch;
  /** What is offered has changed; null where there is nothing newer. `reason` says why nobody knows. */
  onOffer: (offer: Offer | null, reason: Problem | null) => void;
  /** The operator lets the box install by itself, and now is a good time. Once for each version. */
  onInstall: (offer: Offer) => void;
  clock: Clock;
  logger: Logger;
}

/** Looks from time to time which version is the newest (`update.channel`); the bundle's signature is what is trusted. */
export class UpdateChannel {
  readonly #options: UpdateChannelOptions;
  readonly #ending = new AbortController();
  readonly #installed = new Set<string>();
  #url: string | null = null;
  #auto = false;
  #offAirSinceMs: number | null = null;
  #offer: Offer | null = null;
  #cancelLook: () => void = () => {};
  #stopConsidering: () => void = () => {};

  constructor(options: UpdateChannelOptions) {
    this.#options = options;
  }

  /** Once what was going on before the restart is known. */
  start(): void {
    if (this.#offer !== null) this.#become(this.#offer, null);
    this.#stopConsidering = this.#options.clock.every(considerEveryMs, () => this.#consider());
  }

  /** @param configuration.onAir nothing is installed meanwhile */
  configure({ url, auto, onAir }: { url: string | null; auto: boolean; onAir: boolean }): void {
    this.#auto = auto;
    if (onAir) this.#offAirSinceMs = null;
    else this.#offAirSinceMs ??= this.#options.clock.monotonicMs();
    if (url === this.#url) return;
    this.#url = url;
    this.#cancelLook();
    this.#become(null, null);
    if (url !== null) void this.look();
  }

  /** Versions that did not work are not installed again by themselves. */
  exclude(version: string): void {
    this.#installed.add(version);
  }

  /** Asks now. @returns what is newer than what runs; null where nothing is, or nobody knows */
  async look(): Promise<Offer | null> {
    const url = this.#url;
    if (url === null) return null;
    this.#cancelLook();
    let again = lookEveryMs;
    try {
      const offer = await this.#read(url);
      if (this.#ending.signal.aborted || url !== this.#url) return null;
      this.#become(compareVersions(offer.version, this.#options.version) > 0 ? offer : null, null);
    } catch (error) {
      if (this.#ending.signal.aborted || url !== this.#url) return null;
      again = lookAgainMs;
      const why =
        error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : '';
      this.#options.logger.info({ err: error, url }, 'the update channel cannot be read');
      this.#become(this.#offer, updateReasons.noChannel(why));
    }
    this.#cancelLook(); // of another look, which was quicker
    this.#cancelLook = this.#options.clock.after(again, () => void this.look());
    return this.#offer;
  }

  close(): void {
    this.#ending.abort();
    this.#cancelLook();
    this.#stopConsidering();
  }

  async #read(url: string): Promise<Offer> {
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(answerWithinMs)]);
    const response = await this.#options.fetch(url, { signal });
    if (!response.ok) throw new Error(`the server answers with ${response.status}`);
    let text = '';
    const decoder = new TextDecoder();
    const body = response.body ? Readable.fromWeb(response.body as ReadableStream) : [];
    for await (const piece of body) {
      text += decoder.decode(piece as Uint8Array, { stream: true });
      if (text.length > maxFileBytes) throw new Error('it is too large for a channel file');
    }
    const said = channelFile.safeParse(parsed(text));
    if (!said.success) throw new Error('it is not a channel file');
    const bundle = new URL(said.data.url, url);
    if (!/^https?:$/.test(bundle.protocol)) throw new Error('it is not a channel file');
    return { version: said.data.version, url: bundle.href };
  }

  #become(offer: Offer | null, reason: Problem | null): void {
    this.#offer = offer;
    this.#options.onOffer(offer, reason);
  }

  #consider(): void {
    const offer = this.#offer;
    const sinceMs = this.#offAirSinceMs;
    if (!this.#auto || offer === null || sinceMs === null || this.#installed.has(offer.version)) return;
    if (this.#options.clock.monotonicMs() - sinceMs < quietForMs) return;
    this.#installed.add(offer.version);
    this.#options.onInstall(offer);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
