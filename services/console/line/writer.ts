import type { SerialLine } from '../serial/serial-line.ts';

/** What goes out on the line: words to a person as they come, words to machines each on lines of their own. */
export class LineWriter {
  readonly #line: SerialLine;
  #atLineStart = true;
  #broken = false;

  constructor(options: { line: SerialLine }) {
    this.#line = options.line;
  }

  /** Bytes that the host has not read. */
  get pendingBytes(): number {
    return this.#line.pendingBytes;
  }

  /** A machine's words came between what a person was writing and what they see. */
  get broken(): boolean {
    return this.#broken;
  }

  /** `\n` becomes what a raw terminal needs. */
  toPerson(text: string): void {
    if (text === '') return;
    const bytes = Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'));
    if (!this.#line.write(bytes)) return;
    this.#broken = false;
    this.#atLineStart = text.endsWith('\n');
  }

  toProgram(text: string): boolean {
    return this.#toMachine(Buffer.from(`${text}\n`));
  }

  /** @param packet with the line end before it that its protocol asks for */
  toBrowser(packet: Uint8Array): boolean {
    return this.#toMachine(packet);
  }

  #toMachine(bytes: Uint8Array): boolean {
    const whole = this.#atLineStart ? bytes : Buffer.concat([Buffer.from('\r\n'), bytes]);
    if (!this.#line.write(whole)) return false;
    this.#broken = this.#broken || !this.#atLineStart;
    this.#atLineStart = true;
    return true;
  }
}
