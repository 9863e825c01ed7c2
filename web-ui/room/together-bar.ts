import { icon, make, setText } from '../page/elements.ts';
import type { Say } from '../page/language.ts';
import type { TimeShift } from '../player/time-shift.ts';
import type { ShiftControls } from '../viewer/shift-controls.ts';
import type { RoomState } from './room-state.ts';
import type { RoomKey } from './words.ts';

/** Where all are together, who leads, and for who does what there is to lead with. */
export class TogetherBar {
  readonly root: HTMLElement;
  readonly #say: Say<RoomKey>;
  readonly #shift: TimeShift;
  readonly #where = make('p', { class: 'where' });
  readonly #who = make('p', { class: 'quiet small', dir: 'auto' });
  readonly #controls: HTMLElement;
  readonly #shiftControls: ShiftControls;
  readonly #back: HTMLButtonElement;
  readonly #pause: HTMLButtonElement;
  readonly #forward: HTMLButtonElement;
  readonly #live: HTMLButtonElement;

  constructor(options: { say: Say<RoomKey>; shift: TimeShift; shiftControls: ShiftControls }) {
    const { say, shift, shiftControls } = options;
    this.#say = say;
    this.#shift = shift;
    this.#shiftControls = shiftControls;
    const button = (key: RoomKey, picture: string, act: () => void): HTMLButtonElement => {
      const made = make('button', {
        type: 'button',
        class: 'button round',
        title: say(key),
        'aria-label': say(key),
      });
      made.append(icon(picture));
      made.addEventListener('click', act);
      return made;
    };
    this.#back = button('back', 'back', () => shiftControls.back());
    this.#forward = button('forward', 'forward', () => shiftControls.forward());
    this.#pause = button('pause', 'pause', () => shiftControls.pause(shift.aim?.playing !== false));
    this.#live = button('live', 'live', () => shiftControls.live());
    this.#controls = make(
      'div',
      { class: 'row', role: 'group', 'aria-label': say('heading') },
      this.#back,
      this.#pause,
      this.#forward,
      this.#live,
    );
    this.root = make(
      'div',
      { class: 'together' },
      make('div', { role: 'status' }, this.#where, this.#who),
      this.#controls,
    );
  }

  render(state: RoomState, isLive: boolean): void {
    const say = this.#say;
    const { aim, behindSec } = this.#shift;
    const paused = aim?.playing === false;
    const seconds = Math.round(behindSec ?? 0);
    setText(
      this.#where,
      !isLive
        ? say('notOnAir')
        : paused
          ? say('isPaused')
          : aim
            ? say('isBehind', { seconds })
            : say('isLive'),
    );
    const { authority } = state;
    setText(
      this.#who,
      state.leads
        ? say('youLead')
        : authority
          ? say('follows', { name: authority.displayName })
          : say('nobodyLeads'),
    );
    this.#controls.hidden = !state.leads || !isLive;
    this.#back.disabled = !this.#shiftControls.mayGoBack;
    this.#forward.disabled = aim === null;
    this.#live.disabled = aim === null;
    const label = say(paused ? 'play' : 'pause');
    if (this.#pause.title === label) return;
    this.#pause.title = label;
    this.#pause.setAttribute('aria-label', label);
    this.#pause.replaceChildren(icon(paused ? 'play' : 'pause'));
  }
}
