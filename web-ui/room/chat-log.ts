import { make } from '../page/elements.ts';
import type { Say } from '../page/language.ts';
import { avatar } from './people-list.ts';
import type { Line } from './room-state.ts';
import type { RoomKey } from './words.ts';

/** So near to its end, and it follows what comes. */
const nearEndPx = 48;

/** What was said, as it comes: each line is added once, as text and nothing else. */
export class ChatLog {
  readonly root: HTMLElement;
  readonly #say: Say<RoomKey>;
  readonly #list = make('ol', {});
  readonly #empty: HTMLElement;
  readonly #time: Intl.DateTimeFormat;
  readonly #shown = new Map<number, HTMLElement>();

  constructor(say: Say<RoomKey>) {
    this.#say = say;
    this.#time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
    this.#empty = make('p', { class: 'quiet empty' }, say('empty'));
    // A list of messages that is read aloud as they come, and that the keyboard can scroll.
    this.root = make('div', { class: 'log', role: 'log', tabindex: 0, 'aria-label': say('messages') });
    this.root.append(this.#empty, this.#list);
  }

  show(lines: readonly Line[]): void {
    const { scrollTop, scrollHeight, clientHeight } = this.root;
    const atEnd = scrollHeight - scrollTop - clientHeight < nearEndPx;
    const wanted = new Set(lines.map(({ id }) => id));
    for (const [id, item] of this.#shown) {
      if (wanted.has(id)) continue;
      item.remove();
      this.#shown.delete(id);
    }
    for (const line of lines) {
      if (this.#shown.has(line.id)) continue;
      const item = this.#item(line);
      this.#shown.set(line.id, item);
      this.#list.append(item);
    }
    this.#empty.hidden = lines.length > 0;
    if (atEnd) this.root.scrollTop = this.root.scrollHeight;
  }

  #item({ kind, from, text, tsMs }: Line): HTMLElement {
    if (kind !== 'said') {
      return make('li', { class: 'event', dir: 'auto' }, this.#say(kind, { name: from.displayName }));
    }
    const at = tsMs === null ? null : make('time', {}, this.#time.format(tsMs));
    return make(
      'li',
      {},
      avatar(from),
      make(
        'div',
        {},
        make('p', { class: 'who' }, make('bdi', {}, from.displayName), ' ', at),
        make('p', { class: 'words', dir: 'auto' }, text),
      ),
    );
  }
}
