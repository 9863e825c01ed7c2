const maxLines = 64;

/**
 * Notices that the other end sends back what it hears: a terminal line of Linux does that until a program opens it
 * raw. Our own words would come in as commands, their errors as more of them, for ever.
 */
export class EchoGuard {
  readonly #sent: string[] = [];
  #partial = '';

  /** What goes out. */
  note(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = (lines.pop() ?? '').slice(-1_024);
    for (const line of lines) {
      const plain = plainOf(line);
      if (plain.length > 2) this.#sent.push(plain);
    }
    if (this.#sent.length > maxLines) this.#sent.splice(0, this.#sent.length - maxLines);
  }

  /** Whether a line that came in is one of those that went out. */
  isEcho(line: string, prompt: string): boolean {
    const plain = plainOf(line);
    return plain.startsWith(prompt.trim()) || this.#sent.includes(plain);
  }
}

/** Without what a terminal changes: blanks, and control characters, which may come back as `^[`. */
function plainOf(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it takes out
  return line.replaceAll(/\^[@-_?]|[\u0000-\u001f\u007f]/g, '').trim();
}
