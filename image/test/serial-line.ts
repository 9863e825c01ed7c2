import type { Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

/** The other end of a machine's serial console: text comes and is waited for, and text goes. */
export class SerialLine {
  readonly #output: Writable;
  #text = '';
  #seen = 0;
  #waiting: (() => void) | null = null;
  #ended = false;

  constructor(input: Readable, output: Writable, record: (text: string) => void) {
    this.#output = output;
    input.setEncoding('latin1');
    input.on('data', (data: string) => {
      record(data);
      this.#text += stripVTControlCharacters(data);
      this.#waiting?.();
    });
    input.on('close', () => {
      this.#ended = true;
      this.#waiting?.();
    });
  }

  send(text: string): void {
    this.#output.write(text);
  }

  /**
   * Resolves with the match when a pattern comes after what was matched before.
   *
   * @throws Error when it does not within `withinMs`, or the machine ends first; with the last lines that came
   */
  async expect(pattern: RegExp, withinMs: number): Promise<RegExpExecArray> {
    const deadlineMs = Date.now() + withinMs;
    for (;;) {
      const found = pattern.exec(this.#text.slice(this.#seen));
      if (found) {
        this.#seen += found.index + found[0].length;
        return found;
      }
      const leftMs = deadlineMs - Date.now();
      if (this.#ended || leftMs <= 0) {
        const last = this.#text.split(/\r?\n/).slice(-15).join('\n');
        throw new Error(
          `${pattern} did not come ${this.#ended ? 'before the machine ended' : `within ${withinMs} ms`}:\n${last}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
