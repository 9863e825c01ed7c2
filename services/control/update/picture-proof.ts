import type { Clock } from '#core/domain/clock.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { FromMedia } from '#core/protocol/link/media.ts';
import { mediaRequestOf } from '../broadcast/media-request.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { Snapshots } from '../outputs/snapshots.ts';

type MediaState = Extract<FromMedia, { type: 'media_state' }>['payload'];

/** A source has to be opened, and an encoder to start, on a board that starts itself. */
const pictureWithinMs = 45_000;
const decodeAgainMs = 500;

const noPicture: Problem = {
  code: 'no-picture',
  message: 'No picture came through the encoder.',
  action: 'See onair logs media.',
};

/**
 * Has media encode a picture and outputs decode it, whether or not the box is on the air. Off the air nothing of it reaches
 * anybody: no packets are sent, and control drops the fragments.
 */
export class PictureProof {
  readonly #options: {
    broadcast: Broadcast;
    link: LinkHost;
    snapshots: Snapshots;
    settings: () => Settings;
    clock: Clock;
  };

  constructor(options: {
    broadcast: Broadcast;
    link: LinkHost;
    snapshots: Snapshots;
    settings: () => Settings;
    clock: Clock;
  }) {
    this.#options = options;
  }

  /** @param source the one that is set, or the test picture; on the air it is what is there. @returns what is wrong, or null */
  async run(source: 'set' | 'test'): Promise<Problem | null> {
    const { broadcast, link, settings } = this.#options;
    if (broadcast.wanted) return await this.#decoded();
    const request = mediaRequestOf(settings(), null);
    const video = source === 'test' ? { ...request.video, source: 'test', fallback: [] } : request.video;
    const running = this.#running();
    link.sendToMedia({ type: 'media_start', payload: { ...request, video } });
    try {
      return (await running) ?? (await this.#decoded());
    } finally {
      if (!broadcast.wanted) link.sendToMedia({ type: 'media_stop', payload: {} });
    }
  }

  /** Resolves when the source's own pictures run through the encoder, with null, or with why they do not. */
  #running(): Promise<Problem | null> {
    const { link, clock } = this.#options;
    return new Promise((resolve) => {
      let latest: Problem | null = null;
      const end = (reason: Problem | null): void => {
        cancel();
        forget();
        resolve(reason);
      };
      const hear = (message: FromMedia): void => {
        if (message.type !== 'media_state') return;
        const { state, slate, reason }: MediaState = message.payload;
        latest = reason ?? latest;
        if (state === 'running' && !slate) end(reason);
        if (state === 'refused') end(reason ?? noPicture);
      };
      const forget = link.events.on('media', hear);
      const cancel = clock.after(pictureWithinMs, () => end(latest ?? noPicture));
    });
  }

  async #decoded(): Promise<Problem | null> {
    const { snapshots, clock } = this.#options;
    const deadlineMs = clock.monotonicMs() + pictureWithinMs;
    while (clock.monotonicMs() < deadlineMs) {
      const jpeg = await snapshots.decodeNewest();
      if (jpeg !== null && jpeg.length > 0) return null;
      await new Promise<void>((resolve) => clock.after(decodeAgainMs, resolve));
    }
    return noPicture;
  }
}
