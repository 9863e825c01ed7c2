import { icon, make } from './elements.ts';

const staysMs = 6_000;
const staysWithActionMs = 20_000;
/** More than this at once nobody reads. */
const most = 3;

/** Says short things at the foot of the page, aloud too, for a while. */
export class Toasts {
  readonly #list = make('div', { class: 'toasts', role: 'status' });
  readonly #closeLabel: string;

  /**
   * @param parent where they are shown; in full screen they move into what fills it
   * @param closeLabel what the cross is called
   */
  constructor(parent: HTMLElement, closeLabel: string) {
    this.#closeLabel = closeLabel;
    parent.append(this.#list);
    document.addEventListener('fullscreenchange', () => {
      (document.fullscreenElement ?? parent).append(this.#list);
    });
  }

  /** @param action something to press, which also ends it */
  say(text: string, action?: { label: string; run: () => void }): void {
    const toast = make('div', { class: 'toast' }, make('p', {}, text));
    const timer = setTimeout(() => toast.remove(), action ? staysWithActionMs : staysMs);
    const end = (): void => {
      clearTimeout(timer);
      toast.remove();
    };
    if (action) {
      const button = make('button', { type: 'button', class: 'button' }, action.label);
      button.addEventListener('click', () => {
        end();
        action.run();
      });
      toast.append(button);
    }
    const cross = make(
      'button',
      { type: 'button', class: 'button round plain', 'aria-label': this.#closeLabel },
      icon('close'),
    );
    cross.addEventListener('click', end);
    toast.append(cross);
    // The same again is news, but not two.
    for (const shown of this.#list.children)
      if (shown.querySelector('p')?.textContent === text) shown.remove();
    while (this.#list.childElementCount >= most) this.#list.firstElementChild?.remove();
    this.#list.append(toast);
  }
}
