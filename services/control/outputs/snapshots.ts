import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { getSnapshot } from '#core/protocol/endpoints/snapshot.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';
import type { LinkHost } from '../link/link-host.ts';
import { DecodedPictures } from './decoded-pictures.ts';

/** Few sizes, so that those who ask for about the same share one picture. */
const widthStep = 160;
/** Who looks at a page does not wait longer. */
const answerWithinMs = 6_000;
/** Outputs answers before that, also where a process has to be loaded first; a shorter limit would only ask twice. */
const answerAtAllWithinMs = 90_000;

/** What is decoded for who asks for a width: 0 for the picture's own. */
export function roundedWidth(width: number | undefined): number {
  return width === undefined ? 0 : Math.ceil(width / widthStep) * widthStep;
}

/** The newest picture as JPEG, one decoded for all who want the same. */
export class Snapshots {
  readonly #deps: { broadcast: Broadcast; clock: Clock };
  readonly #pictures: DecodedPictures;

  constructor({ link, ...deps }: { link: LinkHost; broadcast: Broadcast; clock: Clock }) {
    this.#deps = deps;
    this.#pictures = new DecodedPictures({
      link,
      clock: deps.clock,
      withinMs: answerAtAllWithinMs,
      answerIn: ({ type, payload }) =>
        type === 'outputs_snapshot' ? { key: payload.width, jpeg: payload.jpeg } : undefined,
    });
  }

  start(): void {
    this.#pictures.start();
  }

  /** @throws OnairError `unavailable` */
  async take(width: number | undefined): Promise<Buffer> {
    const jpeg = this.#deps.broadcast.wanted ? await this.#askBriefly(roundedWidth(width)) : null;
    if (jpeg !== null) return jpeg;
    throw new OnairError('unavailable', 'There is no picture now.', {
      subject: 'snapshot',
      action: 'Try again while the box is live.',
      retryAfterSeconds: 5,
    });
  }

  /** The newest picture that media has encoded, on the air or not, however long it takes; null where none could be decoded. */
  decodeNewest(): Promise<Buffer | null> {
    return this.#ask(0);
  }

  #askBriefly(width: number): Promise<Buffer | null> {
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(answerWithinMs, () => resolve(null));
      void this.#ask(width).then((jpeg) => {
        cancel();
        resolve(jpeg);
      });
    });
  }

  #ask(width: number): Promise<Buffer | null> {
    return this.#pictures.ask(width, { type: 'outputs_snapshot_request', payload: { width } });
  }
}

/** `GET /api/v1/snapshot.jpg` */
export function snapshotRoutes({ snapshots }: { snapshots: Snapshots }): Route[] {
  return [
    serve(getSnapshot, async ({ query }) => {
      const jpeg = await snapshots.take(query.width);
      return answer(200, jpeg, { 'cache-control': 'private, max-age=1' });
    }),
  ];
}
