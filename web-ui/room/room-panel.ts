import type { RoomPlayback } from '#core/domain/room.ts';
import { icon, make, setText } from '../page/elements.ts';
import { type Language, type Say, speaker } from '../page/language.ts';
import { problemText } from '../page/problem-words.ts';
import type { Toasts } from '../page/toasts.ts';
import type { TimeShift } from '../player/time-shift.ts';
import type { SharedPace } from '../server/shared-pace.ts';
import type { ShiftControls } from '../viewer/shift-controls.ts';
import { ChatLog } from './chat-log.ts';
import { forgetUserId, JoinForm } from './join-form.ts';
import { peopleList } from './people-list.ts';
import { RoomClient } from './room-client.ts';
import { RoomState } from './room-state.ts';
import { SyncRefusal } from './sync-socket.ts';
import { TogetherBar } from './together-bar.ts';
import { type RoomKey, roomWords } from './words.ts';

const maxTextCharacters = 2_000;
const renderEveryMs = 1_000;

interface Options {
  language: Language;
  toasts: Toasts;
  parent: HTMLElement;
  shift: TimeShift;
  pace: SharedPace;
  shiftControls: ShiftControls;
  /** What the box is called: it is the host of its room. */
  hostName: () => string;
  isLive: () => boolean;
  /** So many lines came since the panel was looked at. */
  unread: (count: number) => void;
  close: () => void;
}

/** Chat, who is here, and watching together, beside the picture. */
export class RoomPanel {
  readonly #say: Say<RoomKey>;
  readonly #options: Options;
  readonly #client: RoomClient;
  readonly #log: ChatLog;
  readonly #together: TogetherBar;
  readonly #host = make('p', { class: 'quiet small host', dir: 'auto' });
  readonly #joinForm: JoinForm;
  readonly #people = make('ul', { class: 'people' });
  readonly #text: HTMLInputElement;
  readonly #inside: HTMLElement;
  #unread = 0;

  constructor(options: Options) {
    this.#options = options;
    const say = speaker(roomWords, options.language);
    this.#say = say;
    this.#client = new RoomClient({
      state: new RoomState(),
      pace: options.pace,
      listener: {
        changed: (what) => this.#changed(what),
        lost: () => {
          options.toasts.say(say('lost'));
          this.#followNobody();
        },
        joined: (again) => this.#joined(again),
        removed: (why) => {
          if (why === 'taken') forgetUserId();
          options.toasts.say(say(why));
          this.#followNobody();
        },
      },
    });
    this.#log = new ChatLog(say);
    this.#together = new TogetherBar({ say, shift: options.shift, shiftControls: options.shiftControls });
    this.#joinForm = new JoinForm(say, (me) => this.#client.join(me));
    this.#text = make('input', {
      id: 'room-text',
      class: 'input',
      maxlength: maxTextCharacters,
      autocomplete: 'off',
      enterkeyhint: 'send',
      dir: 'auto',
      placeholder: say('message'),
    });
    this.#inside = this.#makeInside();
    options.parent.append(this.#makeHeader(), this.#host, this.#joinForm.root, this.#inside);
    setInterval(() => this.#render(), renderEveryMs);
    this.#render();
  }

  /** It is looked at: what came is read, and what is to be typed next has the focus. */
  opened(): void {
    this.#unread = 0;
    this.#render();
    if (this.#isIn) this.#text.focus();
    else this.#joinForm.focus();
  }

  get #isIn(): boolean {
    return this.#client.state.you !== null;
  }

  #makeHeader(): HTMLElement {
    const close = make('button', {
      type: 'button',
      class: 'button round plain',
      'aria-label': this.#say('close'),
    });
    close.append(icon('close'));
    close.addEventListener('click', () => this.#options.close());
    return make('header', {}, make('h2', {}, this.#say('heading')), close);
  }

  #makeInside(): HTMLElement {
    const say = this.#say;
    const leave = make('button', { type: 'button', class: 'button plain small' }, say('leave'));
    leave.addEventListener('click', () => {
      this.#client.leave();
      this.#followNobody();
      this.#joinForm.focus();
    });
    const send = make('button', { type: 'submit', class: 'button primary round', 'aria-label': say('send') });
    send.append(icon('send'));
    const form = make(
      'form',
      { class: 'write' },
      make('label', { class: 'unseen', for: 'room-text' }, say('message')),
      this.#text,
      send,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
    const heading = make('h3', { class: 'unseen' }, say('people'));
    const present = make('div', { class: 'present' }, heading, this.#people, leave);
    return make('div', { class: 'inside' }, this.#together.root, present, this.#log.root, form);
  }

  #joined(again: boolean): void {
    this.#joinForm.ready();
    this.#options.shiftControls.follow({
      mayLead: false,
      lead: () => {},
    });
    this.#changed('playback');
    this.#render();
    if (again) this.#options.toasts.say(this.#say('back_again'));
    else if (!this.#options.parent.hidden) this.#text.focus();
  }

  async #send(): Promise<void> {
    const text = this.#text.value.trim();
    if (text === '') return;
    this.#text.value = '';
    try {
      await this.#client.say(text);
    } catch (error) {
      this.#text.value ||= text;
      this.#explain(error);
    }
  }

  async #lead(playback: RoomPlayback): Promise<void> {
    try {
      await this.#client.lead(playback);
    } catch (error) {
      this.#explain(error);
    }
  }

  #explain(error: unknown): void {
    if (!(error instanceof SyncRefusal)) throw error;
    const reason = problemText(this.#options.language, error);
    this.#options.toasts.say(error.code === 'lost' ? this.#say('lost') : this.#say('refused', { reason }));
  }

  #changed(what: 'people' | 'lines' | 'deleted' | 'playback'): void {
    const { state } = this.#client;
    if (what === 'playback') this.#options.shift.follow(state.playback);
    if (what === 'people' && this.#isIn) {
      const { leads, authorityId } = state;
      const { shift, shiftControls } = this.#options;
      // Where nobody leads, each is free to go back alone.
      if (authorityId === null) shiftControls.follow({ mayLead: true, lead: (to) => shift.follow(to) });
      else shiftControls.follow({ mayLead: leads, lead: (to) => void this.#lead(to) });
    }
    if (what === 'lines' && this.#options.parent.hidden) {
      this.#unread += 1;
      this.#options.unread(this.#unread);
    }
    this.#render();
  }

  /** Out of the room: everybody for themselves, and live. */
  #followNobody(): void {
    this.#joinForm.ready();
    this.#options.shiftControls.follow(null);
    this.#render();
  }

  #render(): void {
    const { state } = this.#client;
    setText(this.#host, this.#say('host', { host: this.#options.hostName() }));
    this.#joinForm.root.hidden = this.#isIn;
    this.#inside.hidden = !this.#isIn;
    this.#together.render(state, this.#options.isLive());
    const shown = JSON.stringify([state.people, state.authorityId, state.hostIds]);
    if (this.#people.dataset.shown !== shown) {
      this.#people.dataset.shown = shown;
      this.#people.replaceChildren(...peopleList(this.#say, state));
    }
    this.#log.show(state.lines);
  }
}
