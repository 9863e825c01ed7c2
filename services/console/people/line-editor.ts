import { History } from './history.ts';
import type { Key } from './keys.ts';

/** What the editor did with a key that is more than editing. */
export type LineEvent = { event: 'line'; line: string } | { event: 'cancel' } | { event: 'tab' };

/** Longer lines make no sense, and cost memory. */
export const maxLineCharacters = 1_024;
const bell = '\u0007';
const eraseToEnd = '\u001b[K';

/**
 * The line that a person is writing: editing, history, and what to send so that the terminal shows it. Only
 * backspace, carriage return and erase-to-end are used, which every terminal program knows.
 */
export class LineEditor {
  readonly #send: (text: string) => void;
  readonly #history = new History();
  #prompt = '';
  #hidden = false;
  #before: string[] = [];
  #after: string[] = [];

  constructor(options: { send: (text: string) => void }) {
    this.#send = options.send;
  }

  /** The line up to the cursor. */
  get beforeCursor(): string {
    return this.#before.join('');
  }

  get line(): string {
    return [...this.#before, ...this.#after].join('');
  }

  /** Begins a line. @param options.hidden shows nothing of it, and keeps it from the history */
  begin(prompt: string, options: { hidden?: boolean } = {}): void {
    this.#prompt = prompt;
    this.#hidden = options.hidden ?? false;
    this.#before = [];
    this.#after = [];
    this.#history.rest();
    this.#send(prompt);
  }

  /** Shows prompt and line again, on a fresh line of the terminal. */
  redraw(): void {
    this.#send(this.#hidden ? this.#prompt : `${this.#prompt}${this.line}${back(this.#after.length)}`);
  }

  remember(line: string): void {
    this.#history.add(line);
  }

  insert(text: string): void {
    const room = maxLineCharacters - this.#before.length - this.#after.length;
    const characters = [...text].slice(0, Math.max(0, room));
    if (characters.length < [...text].length) this.#send(bell);
    if (characters.length === 0) return;
    this.#before.push(...characters);
    this.#show(`${characters.join('')}${this.#after.join('')}${back(this.#after.length)}`);
  }

  take(key: Key): LineEvent | null {
    switch (key.key) {
      case 'text':
        this.insert(key.text);
        return null;
      case 'enter':
        return this.#enter();
      case 'cancel':
        this.#send('^C\r\n');
        return { event: 'cancel' };
      case 'tab':
        return this.#hidden ? null : { event: 'tab' };
      case 'up':
        if (!this.#hidden) this.#replace(this.#history.older(this.line));
        return null;
      case 'down':
        if (!this.#hidden) this.#replace(this.#history.newer());
        return null;
      case 'redraw':
        this.#send('\r\n');
        this.redraw();
        return null;
      case 'end-of-input':
        return null;
      default:
        this.#edit(key.key);
        return null;
    }
  }

  #enter(): LineEvent {
    const line = this.line;
    this.#send('\r\n');
    this.#before = [];
    this.#after = [];
    return { event: 'line', line };
  }

  #edit(key: string): void {
    switch (key) {
      case 'left':
        this.#moveTo(this.#before.length - 1);
        break;
      case 'right':
        this.#moveTo(this.#before.length + 1);
        break;
      case 'home':
        this.#moveTo(0);
        break;
      case 'end':
        this.#moveTo(Number.POSITIVE_INFINITY);
        break;
      case 'backspace':
        this.#cutBefore(1);
        break;
      case 'delete-word':
        this.#cutBefore([...(/\S*\s*$/.exec(this.beforeCursor)?.[0] ?? '')].length);
        break;
      case 'delete-to-start':
        this.#cutBefore(this.#before.length);
        break;
      case 'delete':
        this.#cutAfter(1);
        break;
      case 'delete-to-end':
        this.#cutAfter(this.#after.length);
        break;
    }
  }

  #moveTo(at: number): void {
    while (this.#before.length > Math.max(0, at)) {
      this.#after.unshift(this.#before.pop() ?? '');
      this.#show('\b');
    }
    while (this.#before.length < at && this.#after.length > 0) {
      const character = this.#after.shift() ?? '';
      this.#before.push(character);
      this.#show(character);
    }
  }

  #cutBefore(count: number): void {
    const cut = Math.min(count, this.#before.length);
    if (cut === 0) return;
    this.#before.length -= cut;
    const tail = this.#after.join('');
    this.#show(`${back(cut)}${tail}${' '.repeat(cut)}${back(cut + this.#after.length)}`);
  }

  #cutAfter(count: number): void {
    const cut = this.#after.splice(0, count).length;
    if (cut === 0) return;
    const tail = this.#after.join('');
    this.#show(`${tail}${' '.repeat(cut)}${back(cut + this.#after.length)}`);
  }

  #replace(line: string | null): void {
    if (line === null) return;
    this.#before = [...line];
    this.#after = [];
    this.#send(`\r${this.#prompt}${line}${eraseToEnd}`);
  }

  #show(text: string): void {
    if (!this.#hidden) this.#send(text);
  }
}

function back(count: number): string {
  return '\b'.repeat(count);
}
