import type { Clock } from '#core/domain/clock.ts';
import type { LinkHost } from '../link/link-host.ts';
import { DecodedPictures } from '../outputs/decoded-pictures.ts';

const answerWithinMs = 6_000;

/** Pictures of recorded files. */
export class RecordingStills {
  readonly #pictures: DecodedPictures;
  #last = 0;

  constructor({ link, clock }: { link: LinkHost; clock: Clock }) {
    this.#pictures = new DecodedPictures({
      link,
      clock,
      withinMs: answerWithinMs,
      answerIn: ({ type, payload }) =>
        type === 'recording_still' ? { key: payload.id, jpeg: payload.jpeg } : undefined,
    });
  }

  start(): void {
    this.#pictures.start();
  }

  /** @param width 0 is the picture's own. @returns null where there is none, or no time for it */
  take(path: string, atSeconds: number, width: number): Promise<Buffer | null> {
    this.#last += 1;
    const payload = { id: this.#last, path, atSeconds, width };
    return this.#pictures.ask(payload.id, { type: 'recording_still_request', payload });
  }
}
