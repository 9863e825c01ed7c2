import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OnairError } from '#core/domain/errors.ts';
import { SystemTree } from '#core/hardware/system-tree.ts';
import type { LightWire } from './plain-light.ts';

/** A light of the LED class on a kernel that can't play patterns: lit and dark only. */
export class LedWire implements LightWire {
  /** Says how the light is; 0 is dark. */
  readonly file: string;
  readonly #folder: string;
  readonly #tree: SystemTree;
  #brightness = 1;

  constructor(options: { root: string; name: string }) {
    this.#folder = join(options.root, 'class/leds', options.name);
    this.file = join(this.#folder, 'brightness');
    this.#tree = new SystemTree(this.#folder);
  }

  static async isThere(root: string, name: string): Promise<boolean> {
    return (await new SystemTree(root).text('class/leds', name, 'brightness')) !== null;
  }

  /** @throws OnairError `unavailable` where its files may not be written */
  async start(): Promise<void> {
    this.#brightness = (await this.#tree.number('max_brightness')) ?? 1;
    try {
      writeFileSync(join(this.#folder, 'trigger'), 'none');
      this.set(false);
    } catch (error) {
      throw new OnairError('unavailable', `The light can't be set: ${error}.`, {
        subject: this.file,
        action: `Let the panel's user write the files in ${this.#folder}.`,
      });
    }
  }

  set(lit: boolean): void {
    writeFileSync(this.file, String(lit ? this.#brightness : 0));
  }

  close(): void {}
}
