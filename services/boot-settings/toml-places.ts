/** Where in a TOML text a value stands. */
export interface TomlPlace {
  /** ["wifi", "passphrase"], or ["output", "0", "key"] in the first `[[output]]` */
  path: string[];
  /** From 1. */
  line: number;
  /** The value itself: `text.slice(start, end)`. */
  start: number;
  end: number;
}

/**
 * Where each value of a text stands that a parser has found to be TOML (toml.io, 1.0): parsers give values without their
 * places, and both a mistake's line and the blanking of a secret need them. Inside arrays nothing is listed.
 */
export function tomlPlaces(text: string): TomlPlace[] {
  return new Scanner(text).scan();
}

class Scanner {
  readonly #text: string;
  readonly #places: TomlPlace[] = [];
  /** Of each `[[table]]` so far. */
  readonly #counts = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): TomlPlace[] {
    let table: string[] = [];
    for (;;) {
      this.#skipBlank();
      if (this.#at >= this.#text.length) return this.#places;
      if (this.#takes('[')) {
        const isOneOfMany = this.#takes('[');
        table = this.#key();
        this.#takes(']');
        if (isOneOfMany) {
          this.#takes(']');
          const name = table.join('.');
          const count = this.#counts.get(name) ?? 0;
          this.#counts.set(name, count + 1);
          table = [...table, String(count)];
        }
      } else this.#pair(table, true);
    }
  }

  /** `key = value` */
  #pair(table: readonly string[], listed: boolean): void {
    const path = [...table, ...this.#key()];
    this.#takes('=');
    this.#skipSpaces();
    const start = this.#at;
    this.#value(path, listed);
    // What is not a value could not have been parsed: going on is all that matters then.
    if (this.#at === start) this.#at += 1;
    const line = this.#text.slice(0, start).split('\n').length;
    if (listed) this.#places.push({ path, line, start, end: this.#at });
  }

  #key(): string[] {
    const parts: string[] = [];
    do {
      this.#skipSpaces();
      const start = this.#at;
      const quote = this.#text.charAt(this.#at);
      if (quote === '"' || quote === "'") {
        this.#string();
        const inner = this.#text.slice(start + 1, this.#at - 1);
        parts.push(quote === '"' ? unescaped(inner) : inner);
      } else {
        this.#while(/[\w-]/);
        parts.push(this.#text.slice(start, this.#at));
      }
      this.#skipSpaces();
    } while (this.#takes('.'));
    return parts;
  }

  #value(path: readonly string[], listed: boolean): void {
    const first = this.#text.charAt(this.#at);
    if (first === '"' || first === "'") this.#string();
    else if (this.#takes('[')) this.#list(']', () => this.#value(path, false));
    else if (this.#takes('{')) this.#list('}', () => this.#pair(path, listed));
    else {
      this.#while(/[^,\]}\n\r#]/);
      while (/\s/.test(this.#text.charAt(this.#at - 1))) this.#at -= 1;
    }
  }

  #list(end: string, element: () => void): void {
    for (;;) {
      this.#skipBlank();
      if (this.#takes(end) || this.#at >= this.#text.length) return;
      if (this.#takes(',')) continue;
      const before = this.#at;
      element();
      if (this.#at === before) this.#at += 1;
    }
  }

  #string(): void {
    const quote = this.#text.charAt(this.#at);
    const fence = this.#text.startsWith(quote.repeat(3), this.#at) ? quote.repeat(3) : quote;
    this.#at += fence.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(fence, this.#at))
      this.#at += quote === '"' && this.#text.charAt(this.#at) === '\\' ? 2 : 1;
    this.#at += fence.length;
    // Up to two more quotes may stand right before a fence, and belong to the text.
    if (fence.length === 3) while (this.#text.charAt(this.#at) === quote) this.#at += 1;
  }

  #skipBlank(): void {
    for (;;) {
      this.#while(/\s/);
      if (this.#text.charAt(this.#at) !== '#') return;
      this.#while(/[^\n]/);
    }
  }

  #skipSpaces(): void {
    this.#while(/[ \t]/);
  }

  #while(fits: RegExp): void {
    while (this.#at < this.#text.length && fits.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #takes(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }
}

/** A quoted key with escapes: TOML's are JSON's, and then `\U`, which nobody writes into a key of ours. */
function unescaped(inner: string): string {
  try {
    return String(JSON.parse(`"${inner}"`));
  } catch {
    return inner;
  }
}
