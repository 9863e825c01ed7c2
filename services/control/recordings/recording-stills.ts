import type { Clock } from '#core/domain/clock.ts';
import type { LinkHost } from '../link/link-host.ts';

const answerWithinMs = 6_000;

/** Asks the outputs daemon, which can decode, for pictures of recorded files. */
export class RecordingStills {
  readonly #options: { link: LinkHost; clock: Clock };
  readonly #waiting = new Map<number, (jpeg: Buffer | null) => void>();
  #last = 0;

  constructor(options: { link: LinkHost; clock: Clock }) {
    this.#options = options;
  }

  start(): void {
    const { events } = this.#options.link;
    events.on('outputs', (message) => {
      if (message.type !== 'recording_still') return;
      const { id, jpeg } = message.payload;
      this.#waiting.get(id)?.(jpeg === null ? null : Buffer.from(jpeg, 'base64'));
    });
    events.on('left', ({ daemon }) => {
      if (daemon === 'outputs') for (const settle of [...this.#waiting.values()]) settle(null);
    });
  }

  /** @param width 0 is the picture's own. @returns null where there is none, or no time for it */
  take(path: string, atSeconds: number, width: number): Promise<Buffer | null> {
    const { link, clock } = this.#options;
    const id = ++this.#last;
    return new Promise((resolve) => {
      const payload = { id, path, atSeconds, width };
      if (!link.sendToOutputs({ type: 'recording_still_request', payload })) return resolve(null);
      const cancel = clock.after(answerWithinMs, () => this.#waiting.get(id)?.(null));
      this.#waiting.set(id, (jpeg) => {
        cancel();
        this.#waiting.delete(id);
        resolve(jpeg);
      });
    });
  }
}
