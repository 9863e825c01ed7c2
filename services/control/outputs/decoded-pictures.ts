import type { Clock } from '#core/domain/clock.ts';
import type { FromOutputs } from '#core/protocol/link/outputs.ts';
import type { LinkHost } from '../link/link-host.ts';

interface DecodedPicturesOptions {
  link: LinkHost;
  clock: Clock;
  /** Outputs answers before that, unless it is stuck. */
  withinMs: number;
  /** Which question a message answers, and with which JPEG (base64); undefined where it is no answer. */
  answerIn: (message: FromOutputs) => { key: number; jpeg: string | null } | undefined;
}

/** Pictures that the outputs daemon decodes for control. Who asks for the same while it is under way gets the same. */
export class DecodedPictures {
  readonly #deps: DecodedPicturesOptions;
  readonly #underWay = new Map<number, Promise<Buffer | null>>();
  readonly #waiting = new Map<number, (jpeg: string | null) => void>();

  constructor(deps: DecodedPicturesOptions) {
    this.#deps = deps;
  }

  start(): void {
    const { link, answerIn } = this.#deps;
    link.events.on('outputs', (message) => {
      const answer = answerIn(message);
      if (answer) this.#waiting.get(answer.key)?.(answer.jpeg);
    });
    link.events.on('left', ({ daemon }) => {
      if (daemon === 'outputs') for (const settle of [...this.#waiting.values()]) settle(null);
    });
  }

  /** @returns null where there is none, or no answer in time */
  ask(key: number, question: Parameters<LinkHost['sendToOutputs']>[0]): Promise<Buffer | null> {
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    const { link, clock, withinMs } = this.#deps;
    const asked = new Promise<Buffer | null>((resolve) => {
      if (!link.sendToOutputs(question)) return resolve(null);
      const cancel = clock.after(withinMs, () => this.#waiting.get(key)?.(null));
      this.#waiting.set(key, (jpeg) => {
        cancel();
        this.#waiting.delete(key);
        resolve(jpeg === null ? null : Buffer.from(jpeg, 'base64'));
      });
    }).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asked);
    return asked;
  }
}
