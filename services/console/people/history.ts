const maxLines = 50;

/** Lines that were entered, and a place among them. */
export class History {
  #lines: string[] = [];
  /** Counted from the latest; 0 is the line that is being written. */
  #back = 0;
  #draft = '';

  add(line: string): void {
    this.#back = 0;
    if (line === '' || this.#lines.at(-1) === line) return;
    this.#lines.push(line);
    if (this.#lines.length > maxLines) this.#lines.shift();
  }

  /** The line before, or null where there is none. */
  older(current: string): string | null {
    if (this.#back === this.#lines.length) return null;
    if (this.#back === 0) this.#draft = current;
    this.#back += 1;
    return this.#lines.at(-this.#back) ?? null;
  }

  newer(): string | null {
    if (this.#back === 0) return null;
    this.#back -= 1;
    return this.#back === 0 ? this.#draft : (this.#lines.at(-this.#back) ?? null);
  }

  /** The line is written or given up. */
  rest(): void {
    this.#back = 0;
  }
}
