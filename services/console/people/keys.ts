/** One key of a terminal. */
export type Key =
  | { key: 'text'; text: string }
  | {
      key:
        | 'enter'
        | 'tab'
        | 'backspace'
        | 'delete'
        | 'delete-word'
        | 'delete-to-start'
        | 'delete-to-end'
        | 'left'
        | 'right'
        | 'up'
        | 'down'
        | 'home'
        | 'end'
        | 'cancel'
        | 'end-of-input'
        | 'redraw';
    };

const controls: Record<string, Exclude<Key['key'], 'text'>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u0001': 'home',
  '\u0002': 'left',
  '\u0003': 'cancel',
  '\u0004': 'end-of-input',
  '\u0005': 'end',
  '\u0006': 'right',
  '\u0008': 'backspace',
  '\u000b': 'delete-to-end',
  '\u000c': 'redraw',
  '\u000e': 'down',
  '\u0010': 'up',
  '\u0015': 'delete-to-start',
  '\u0017': 'delete-word',
  '\u007f': 'backspace',
};

/** What follows ESC [ or ESC O (ECMA-48, VT220, xterm). */
const sequences: Record<string, Exclude<Key['key'], 'text'>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '7~': 'home',
  '4~': 'end',
  '8~': 'end',
  '3~': 'delete',
};

/** No escape sequence of a key is longer. */
const maxSequence = 16;

/** Makes keys of what a terminal sends; unknown sequences and stray bytes are dropped. */
export class KeyReader {
  readonly #decoder = new TextDecoder();
  #escape: string | null = null;
  #afterReturn = false;

  read(bytes: Uint8Array): Key[] {
    const keys: Key[] = [];
    for (const character of this.#decoder.decode(bytes, { stream: true })) {
      const key = this.#take(character);
      if (key) keys.push(key);
    }
    return keys;
  }

  #take(character: string): Key | null {
    const followsReturn = this.#afterReturn;
    this.#afterReturn = character === '\r';
    if (character === '\u001b') {
      this.#escape = '';
      return null;
    }
    const control = controls[character];
    if (this.#escape !== null && control === undefined) return this.#takeEscape(character);
    this.#escape = null;
    if (character === '\n' && followsReturn) return null;
    if (control !== undefined) return { key: control };
    return character < ' ' || (character >= '\u0080' && character < '\u00a0')
      ? null
      : { key: 'text', text: character };
  }

  #takeEscape(character: string): Key | null {
    const sequence = `${this.#escape}${character}`;
    if (sequence === '[' || sequence === 'O') {
      this.#escape = sequence;
      return null;
    }
    const body = sequence.slice(1);
    const isOver = !/^[[O]/.test(sequence) || /[@-~]$/.test(body) || sequence.length > maxSequence;
    this.#escape = isOver ? null : sequence;
    const key = isOver ? sequences[body.replace(/^1?;\d+/, '')] : undefined;
    return key ? { key } : null;
  }
}
