import { element, setText } from '../page/elements.ts';
import type { ShownState } from '../player/shown-state.ts';
import type { Way } from '../player/way-chooser.ts';
import { type Icon, type NoticeContext, noticeOf, type Speak, titleOf } from './phrases.ts';

/** Shows the one word for how things stand: on the picture, in the tab's title, and for tests and style in `data-`. */
export class NoticeView {
  readonly #say: Speak;
  readonly #root = document.documentElement;
  readonly #video = element('picture', HTMLVideoElement);
  readonly #icon = element('state-icon', SVGUseElement);
  readonly #heading = element('state-heading', HTMLElement);
  readonly #text = element('state-text', HTMLElement);
  readonly #title = element('title', HTMLElement);
  #wasLive = false;

  constructor(say: Speak) {
    this.#say = say;
  }

  show(
    state: ShownState,
    way: Way | null,
    title: string | null,
    context: Omit<NoticeContext, 'wasLive'>,
  ): void {
    if (state === 'live') this.#wasLive = true;
    const notice = noticeOf(this.#say, state, { ...context, wasLive: this.#wasLive });
    for (const { dataset } of [this.#root, this.#video]) {
      if (dataset.state !== state) dataset.state = state;
      if (dataset.way !== (way ?? 'none')) dataset.way = way ?? 'none';
    }
    const shifted = String(context.behindSeconds !== null);
    if (this.#root.dataset.shifted !== shifted) this.#root.dataset.shifted = shifted;
    this.#setIcon(notice.icon);
    setText(this.#heading, notice.heading);
    setText(this.#text, notice.text);
    if (title !== null) setText(this.#title, title);
    const pageTitle = titleOf(this.#say, state, this.#title.textContent);
    if (document.title !== pageTitle) document.title = pageTitle;
  }

  #setIcon(icon: Icon): void {
    const href = `#icon-${icon}`;
    if (this.#icon.getAttribute('href') !== href) this.#icon.setAttribute('href', href);
  }
}
