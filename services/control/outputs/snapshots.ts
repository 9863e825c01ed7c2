import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { getSnapshot } from '#core/protocol/endpoints/snapshot.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';
import type { LinkHost } from '../link/link-host.ts';

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

/** Asks the outputs daemon for pictures, one request for all who want the same. */
export class Snapshots {
  readonly #options: { link: LinkHost; broadcast: Broadcast; clock: Clock };
  readonly #underWay = new Map<number, Promise<Buffer | null>>();
  readonly #waiting = new Map<number, (jpeg: Buffer | null) => void>();

  constructor(options: { link: LinkHost; broadcast: Broadcast; clock: Clock }) {
    this.#options = options;
  }

  start(): void {
    const { events } = this.#options.link;
    events.on('outputs', (message) => {
      if (message.type !== 'outputs_snapshot') return;
      const { width, jpeg } = message.payload;
      this.#waiting.get(width)?.(jpeg === null ? null : Buffer.from(jpeg, 'base64'));
    });
    events.on('left', ({ daemon }) => {
      if (daemon === 'outputs') for (const settle of [...this.#waiting.values()]) settle(null);
    });
  }

  /** @throws OnairError `unavailable` */
  async take(width: number | undefined): Promise<Buffer> {
    const jpeg = this.#options.broadcast.wanted ? await this.#askBriefly(roundedWidth(width)) : null;
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
      const cancel = this.#options.clock.after(answerWithinMs, () => resolve(null));
      void this.#ask(width).then((jpeg) => {
        cancel();
        resolve(jpeg);
      });
    });
  }

  #ask(width: number): Promise<Buffer | null> {
    const underWay = this.#underWay.get(width);
    if (underWay) return underWay;
    const { link, clock } = this.#options;
    const asked = new Promise<Buffer | null>((resolve) => {
      if (!link.sendToOutputs({ type: 'outputs_snapshot_request', payload: { width } })) return resolve(null);
      const cancel = clock.after(answerAtAllWithinMs, () => this.#waiting.get(width)?.(null));
      this.#waiting.set(width, (jpeg) => {
        cancel();
        this.#waiting.delete(width);
        resolve(jpeg);
      });
    }).finally(() => this.#underWay.delete(width));
    this.#underWay.set(width, asked);
    return asked;
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
