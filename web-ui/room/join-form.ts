import type { Peer } from '#core/protocol/streamsync.ts';
import { kept, make, remembered, setText } from '../page/elements.ts';
import type { Say } from '../page/language.ts';
import type { RoomKey } from './words.ts';

const nameKey = 'onair.name';
const userKey = 'onair.user';
const maxNameCharacters = 64;

/** Asks by which name to join; the browser remembers it. */
export class JoinForm {
  readonly root: HTMLFormElement;
  readonly #say: Say<RoomKey>;
  readonly #join: (me: Peer) => void;
  readonly #name: HTMLInputElement;
  readonly #wrong = make('p', { class: 'wrong', id: 'room-name-wrong', role: 'alert' });
  readonly #button: HTMLButtonElement;

  constructor(say: Say<RoomKey>, join: (me: Peer) => void) {
    this.#say = say;
    this.#join = join;
    this.#name = make('input', {
      id: 'room-name',
      class: 'input',
      maxlength: maxNameCharacters,
      autocomplete: 'nickname',
      dir: 'auto',
      'aria-describedby': 'room-name-help room-name-wrong',
      value: kept.get(nameKey) ?? '',
    });
    this.#button = make('button', { type: 'submit', class: 'button primary' }, say('join'));
    this.root = make(
      'form',
      { class: 'stack join', novalidate: true },
      make('p', {}, say('intro')),
      make(
        'div',
        { class: 'field' },
        make('label', { for: 'room-name' }, say('name')),
        this.#name,
        make('p', { class: 'help', id: 'room-name-help' }, say('nameHelp')),
        this.#wrong,
      ),
      make('div', {}, this.#button),
    );
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  focus(): void {
    this.#name.focus();
  }

  /** Joining is over, one way or the other. */
  ready(): void {
    this.#button.disabled = false;
    setText(this.#button, this.#say('join'));
  }

  #submit(): void {
    const displayName = this.#name.value.trim();
    const missing = displayName === '';
    setText(this.#wrong, missing ? this.#say('nameMissing') : '');
    this.#name.setAttribute('aria-invalid', String(missing));
    if (missing) {
      this.#name.focus();
      return;
    }
    kept.set(nameKey, displayName);
    this.#button.disabled = true;
    setText(this.#button, this.#say('joining'));
    this.#join({ userId: userId(), displayName });
  }
}

/** The same in this tab for as long as it lives, also over a reload; without HTTPS there is no randomUUID. */
function userId(): string {
  const known = remembered.get(userKey);
  if (known) return known;
  const words = crypto.getRandomValues(new Uint32Array(4));
  const made = `viewer-${[...words].map((word) => word.toString(36)).join('')}`;
  remembered.set(userKey, made);
  return made;
}

/** Somebody else has it, such as a copy of this tab: the next one is another. */
export function forgetUserId(): void {
  remembered.set(userKey, '');
}
