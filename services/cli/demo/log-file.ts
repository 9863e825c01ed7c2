import { closeSync, openSync, writeSync } from 'node:fs';

/** A log that never stands in the way: lines that a full or broken disk does not take are dropped. */
export class LogFile {
  readonly #path: string;
  readonly #onDropped: (problem: string) => void;
  #file: number | null = null;
  #dropped = 0;

  /** @param options.onDropped told once when lines begin to be dropped */
  constructor(options: { path: string; onDropped: (problem: string) => void }) {
    this.#path = options.path;
    this.#onDropped = options.onDropped;
  }

  write(line: string): void {
    const lost = this.#dropped > 0 ? `(${this.#dropped} lines could not be stored)\n` : '';
    try {
      this.#file ??= openSync(this.#path, 'a');
      writeSync(this.#file, `${lost}${line}\n`);
      this.#dropped = 0;
    } catch (error) {
      if (this.#dropped === 0) this.#onDropped(error instanceof Error ? error.message : String(error));
      this.#dropped += 1;
    }
  }

  close(): void {
    try {
      if (this.#file !== null) closeSync(this.#file);
    } catch {}
    this.#file = null;
  }
}
