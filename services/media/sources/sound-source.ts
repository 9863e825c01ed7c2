import { ReasonError } from '../reason-error.ts';
import type { SourceAddress } from './contract.ts';
import type { Machine } from './machine.ts';
import { resolveSound, type SoundChoice } from './resolve.ts';
import type { SourceDesk } from './source-desk.ts';
import type { SourceWish } from './source-process.ts';

const minimalVideo = { width: 160, height: 120, framesPerSecond: 5, rotate: 0 } as const;

/** Where sound comes from: nowhere, with the pictures, or from a process of its own. */
export class SoundSource {
  readonly #desk: SourceDesk;
  readonly #machine: Machine;
  #choice: SoundChoice = 'own';
  /** `audio.source`. */
  #setting = '';

  constructor({ desk, machine }: { desk: SourceDesk; machine: Machine }) {
    this.#desk = desk;
    this.#machine = machine;
  }

  get wanted(): boolean {
    return this.#choice !== 'none';
  }

  /** What a setting comes to with these pictures; nothing has changed yet. */
  resolve(setting: string, pictures: SourceAddress): Promise<SoundChoice> {
    return resolveSound(setting, pictures, this.#machine);
  }

  choose(choice: SoundChoice): void {
    this.#choice = choice;
  }

  /** @param shown the process whose pictures it goes with. @returns the process that it takes; none where it comes with them */
  wish(setting: string, shown: () => string | undefined): SourceWish[] {
    this.#setting = setting;
    if (typeof this.#choice === 'string') return [];
    const resolve = () => this.#resolveAgain(shown());
    return [{ id: this.#processId, resolve, video: minimalVideo, sound: true }];
  }

  /** The process that is heard with the pictures of another; null for silence. */
  of(id: string): string | null {
    if (typeof this.#choice === 'string') return this.#choice === 'none' ? null : id;
    const kind = this.#desk.get(id)?.address?.kind;
    const camera = kind === 'v4l2' || kind === 'csi';
    return this.#setting === 'auto' && !camera ? id : this.#processId;
  }

  /** No setting of pictures reads like this. */
  get #processId(): string {
    return `:sound ${this.#setting}`;
  }

  /** Looked for again at each start: a microphone may have come back under another number. */
  async #resolveAgain(shown: string | undefined): Promise<SourceAddress> {
    const pictures = shown === undefined ? null : this.#desk.get(shown)?.address;
    if (pictures) {
      const sound = await this.resolve(this.#setting, pictures);
      if (typeof sound !== 'string') return sound;
    }
    if (typeof this.#choice === 'string') throw ReasonError.of('audio-unavailable', 'there is none');
    return this.#choice;
  }
}
