import { make } from './elements.ts';

const staysMs = 6_000;
const staysWithActionMs = 20_000;
/** More than this at once nobody reads. */
const most = 3;

/** Says short things at the foot of the page, aloud too, for a while. */
export class Toasts {
  readonly #list = make('div', { class: 'toasts', role: 'status' });

  /** @param parent where they are shown; in full screen they move into what fills it */
  constructor(parent: HTMLElement) {
    parent.append(this.#list);
    document.addEventListener('fullscreenchange', () => {
      (document.fullscreenElement ?? parent).append(this.#list);
    });
  }

  /** @param action something to press, which also ends it */
  say(text: string, action?: { label: string; run: () => void }): void {
    const toast = make('div', { class: 'toast' }, make('p', {}, text));
    const timer = setTimeout(() => toast.remove(), action ? staysWithActionMs : staysMs);
    if (action) {
      const button = make('button', { type: 'button', class: 'button' }, action.label);
      button.addEventListener('click', () => {
        clearTimeout(timer);
        toast.remove();
        action.run();
      });
      toast.append(button);
    }
    while (this.#list.childElementCount >= most) this.#list.firstElementChild?.remove();
    this.#list.append(toast);
  }
}
