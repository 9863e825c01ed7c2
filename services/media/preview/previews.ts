import type { Problem } from '#core/domain/problem.ts';
import type { FromMedia } from '#core/protocol/link/media.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Child } from '../child-process.ts';
import { ReasonError } from '../reason-error.ts';
import { reasonOf } from '../reasons.ts';
import type { SourceChoice } from '../sources/source-choice.ts';
import type { SourceProcess } from '../sources/source-process.ts';
import type { FromPreview, PreviewInput } from './contract.ts';

/** What is said of a source that is looked at. */
export type PreviewAnswer = Pick<
  Extract<FromMedia, { type: 'media_preview' }>['payload'],
  'jpeg' | 'peaks' | 'sound' | 'reason'
>;

/** A source that nobody has looked at for so long is let go, and the preview process with the last one. */
const keepMs = 6_000;
const lookEveryMs = 1_000;
/** One that was not asked for in this time gives way to another. */
const lookedAtMs = 1_500;
/** More than these are not started beside what is on the air: a camera more is a burden. */
const mostAtOnce = 2;
/** A camera, or an address, takes its time to start. */
const startWithinMs = 8_000;
/** The preview process answers within 3 s, unless it hangs. */
const answerWithinMs = 5_000;

type Looked = Extract<FromPreview, { type: 'looked' }>;

interface Deps {
  choice: SourceChoice;
  newChild: () => Child<'preview'>;
  logger: Logger;
}

/**
 * Lets operators look at sources, on the air or not: keeps those ready that somebody looks at, and the process that
 * makes stills of them.
 */
export class Previews {
  readonly #deps: Deps;
  readonly #untilMs = new Map<string, number>();
  readonly #asked = new Map<number, (looked: Looked | null) => void>();
  #lastRequest = 0;
  #child: Child<'preview'> | null = null;
  #inputs = '';
  #timer: NodeJS.Timeout | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#deps.choice.events.on('changed', () => this.#tellInputs());
  }

  /** @param width of the still; null asks for the level alone */
  async look(id: string, width: number | null): Promise<PreviewAnswer> {
    try {
      this.#keep(id);
      await this.#deps.choice.keepReady(id);
      const reason = await this.#playing(id);
      const looked = this.#deps.choice.looked(id);
      if (reason !== null || looked === null) return refused(reason ?? reasonOf('source-unknown', id));
      const answer = await this.#ask(looked, width);
      const sound = looked.sound?.state?.sound === true;
      if (answer === null || (width !== null && answer.jpeg === null))
        return { ...refused(looked.pictures.silence(3_000)), sound };
      return { jpeg: answer.jpeg, peaks: answer.peaks, sound, reason: null };
    } catch (error) {
      if (!(error instanceof ReasonError)) throw error;
      return refused(error.reason);
    }
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#untilMs.clear();
    this.#endChild();
  }

  #keep(id: string): void {
    const nowMs = performance.now();
    const known = this.#untilMs.has(id) || this.#deps.choice.looked(id) !== null;
    if (!known && this.#untilMs.size >= mostAtOnce) {
      const [oldest, untilMs] = [...this.#untilMs].sort(([, one], [, other]) => one - other)[0] ?? ['', 0];
      // An operator who still looks asks again within that.
      if (untilMs - nowMs > keepMs - lookedAtMs) throw ReasonError.of('preview-busy', id);
      this.#untilMs.delete(oldest);
      this.#deps.choice.letGo(oldest);
    }
    this.#untilMs.set(id, nowMs + keepMs);
    this.#timer ??= setInterval(() => this.#letGo(), lookEveryMs);
  }

  #letGo(): void {
    for (const [id, untilMs] of this.#untilMs) {
      if (untilMs > performance.now()) continue;
      this.#untilMs.delete(id);
      this.#deps.choice.letGo(id);
    }
    if (this.#untilMs.size > 0) return;
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#endChild();
  }

  /** Until it plays, or says why it does not: then that. */
  #playing(id: string): Promise<Problem | null> {
    const why = (): Problem | null | undefined => {
      const process = this.#deps.choice.looked(id)?.pictures;
      if (process?.state?.state === 'playing') return null;
      return process?.reason ?? undefined;
    };
    const now = why();
    if (now !== undefined) return Promise.resolve(now);
    return new Promise((resolve) => {
      const settle = (reason: Problem | null) => {
        clearTimeout(timer);
        stopListening();
        resolve(reason);
      };
      const look = () => {
        const reason = why();
        if (reason !== undefined) settle(reason);
      };
      const timer = setTimeout(
        () => settle(reasonOf('source-silent', `${startWithinMs / 1_000} s`)),
        startWithinMs,
      );
      const stopListening = this.#deps.choice.events.on('changed', look);
    });
  }

  #ask(
    { pictures, sound }: { pictures: SourceProcess; sound: SourceProcess | null },
    width: number | null,
  ): Promise<Looked | null> {
    this.#tellInputs();
    const child = this.#running();
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    return new Promise((resolve) => {
      const settle = (looked: Looked | null) => {
        clearTimeout(timer);
        this.#asked.delete(request);
        resolve(looked);
      };
      const timer = setTimeout(() => {
        this.#deps.logger.warn({ child: child.pid }, 'the preview process does not answer');
        this.#endChild();
      }, answerWithinMs);
      this.#asked.set(request, settle);
      child.send({
        type: 'look',
        request,
        pictures: width === null ? null : pictures.id,
        sound: sound?.id ?? null,
        width: width ?? 0,
      });
    });
  }

  #running(): Child<'preview'> {
    if (this.#child) return this.#child;
    const child = this.#deps.newChild();
    this.#child = child;
    this.#inputs = '';
    child.events.on('message', (message) => {
      if (message.type === 'looked') this.#asked.get(message.request)?.(message);
    });
    child.events.on('died', (how) => {
      this.#deps.logger.warn({ how }, 'the preview process ended');
      if (this.#child === child) this.#endChild();
    });
    this.#tellInputs();
    return child;
  }

  #tellInputs(): void {
    if (this.#child === null) return;
    const inputs = [...this.#untilMs.keys()].flatMap((id) => {
      const looked = this.#deps.choice.looked(id);
      return looked ? [looked.pictures, ...(looked.sound ? [looked.sound] : [])].flatMap(inputOf) : [];
    });
    const text = JSON.stringify(inputs);
    if (text === this.#inputs) return;
    this.#inputs = text;
    this.#child.send({ type: 'inputs', inputs });
  }

  #endChild(): void {
    this.#child?.close();
    this.#child = null;
    for (const settle of [...this.#asked.values()]) settle(null);
  }
}

function inputOf({ id, socketPath, video }: SourceProcess): PreviewInput[] {
  return socketPath === null ? [] : [{ id, socketPath, width: video.width, height: video.height }];
}

const refused = (reason: Problem): PreviewAnswer => ({ jpeg: null, peaks: [], sound: false, reason });
