import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { SourceLevelBody } from '#core/protocol/endpoints/sources.ts';
import type { FromMedia } from '#core/protocol/link/media.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { BroadcastSources } from './broadcast-sources.ts';

type Preview = Extract<FromMedia, { type: 'media_preview' }>['payload'];

/** Few sizes, so that those who ask for about the same share one picture. */
const widthStep = 160;
const usualWidth = 640;
/** Two a second, however many ask. */
const freshForMs = 450;
/** Media gives a source 8 s to start, and a still 5 s. */
const answerWithinMs = 14_000;

/** Asks media for stills and levels of sources, one request for all who want the same. */
export class SourcePreviews {
  readonly #options: {
    link: LinkHost;
    sources: Pick<BroadcastSources, 'find'>;
    settings: () => Settings;
    clock: Clock;
  };
  readonly #recent = new Map<string, Promise<Preview | null>>();
  readonly #waiting = new Map<string, (preview: Preview | null) => void>();

  constructor(options: {
    link: LinkHost;
    sources: Pick<BroadcastSources, 'find'>;
    settings: () => Settings;
    clock: Clock;
  }) {
    this.#options = options;
  }

  start(): void {
    const { events } = this.#options.link;
    events.on('media', (message) => {
      if (message.type !== 'media_preview') return;
      const { source, width } = message.payload;
      this.#waiting.get(keyOf(source, width))?.(message.payload);
    });
    events.on('left', ({ daemon }) => {
      if (daemon === 'media') for (const settle of [...this.#waiting.values()]) settle(null);
    });
  }

  /** @throws OnairError `not-found` or, with the reason, `unavailable` */
  async still(id: string, width = usualWidth): Promise<Buffer> {
    const { jpeg } = await this.#ask(id, Math.ceil(width / widthStep) * widthStep);
    if (jpeg === null) throw unavailable(null);
    return Buffer.from(jpeg, 'base64');
  }

  /** As it would be on the air. @throws OnairError `not-found` or, with the reason, `unavailable` */
  async level(id: string): Promise<SourceLevelBody> {
    const { sound, peaks } = await this.#ask(id, null);
    const { muted, gainDb } = this.#options.settings().audio;
    const decibels = (peak: number) =>
      muted || peak === 0 ? null : Math.min(0, Math.round((20 * Math.log10(peak) + gainDb) * 10) / 10);
    return { sound, peaksDb: peaks.map(decibels) };
  }

  async #ask(id: string, width: number | null): Promise<Preview> {
    this.#options.sources.find(id);
    const key = keyOf(id, width);
    let recent = this.#recent.get(key);
    if (!recent) {
      recent = this.#request(id, width);
      this.#recent.set(key, recent);
      void recent.then(() => this.#options.clock.after(freshForMs, () => this.#recent.delete(key)));
    }
    const preview = await recent;
    if (preview === null || preview.reason !== null) throw unavailable(preview?.reason ?? null);
    return preview;
  }

  #request(source: string, width: number | null): Promise<Preview | null> {
    const { link, clock } = this.#options;
    return new Promise((resolve) => {
      const key = keyOf(source, width);
      if (!link.sendToMedia({ type: 'media_preview_request', payload: { source, width } })) {
        resolve(null);
        return;
      }
      const cancel = clock.after(answerWithinMs, () => this.#waiting.get(key)?.(null));
      this.#waiting.set(key, (preview) => {
        cancel();
        this.#waiting.delete(key);
        resolve(preview);
      });
    });
  }
}

const keyOf = (source: string, width: number | null): string => `${width ?? 'level'} ${source}`;

function unavailable(reason: Preview['reason']): OnairError {
  return new OnairError('unavailable', reason?.message ?? 'There is no picture of this source now.', {
    subject: 'source',
    action: reason?.action ?? 'Try again in a moment.',
    retryAfterSeconds: 2,
  });
}
