import { ApiError } from '#core/protocol/client.ts';
import { issueToken } from '#core/protocol/endpoints/watching.ts';
import { callApi } from '../page/api.ts';
import { element, setText } from '../page/elements.ts';
import type { Speak } from './phrases.ts';

const pinShape = /^\d{4,12}$/;
const defaultWaitMs = 10_000;

/** Asks for the PIN, and exchanges it for a token, which the box also sets as a cookie: from then on all ways are open. */
export class PinForm {
  readonly #say: Speak;
  readonly #streamId: () => string | null;
  readonly #opened: () => void;
  readonly #form = element('pin-form', HTMLFormElement);
  readonly #input = element('pin', HTMLInputElement);
  readonly #button = element('pin-show', HTMLButtonElement);
  readonly #wrong = element('pin-wrong', HTMLElement);

  /** @param options.opened the PIN was right */
  constructor(options: { say: Speak; streamId: () => string | null; opened: () => void }) {
    this.#say = options.say;
    this.#streamId = options.streamId;
    this.#opened = options.opened;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#input.addEventListener('input', () => this.#complain(''));
  }

  show(locked: boolean): void {
    if (this.#form.hidden === !locked) return;
    this.#form.hidden = !locked;
    // Only where nothing else is being used.
    if (locked && document.activeElement === document.body) this.#input.focus();
  }

  async #submit(): Promise<void> {
    const pin = this.#input.value.replace(/\s/g, '');
    const streamId = this.#streamId();
    if (!pinShape.test(pin)) return this.#complain(this.#say('pinEmpty'));
    if (streamId === null) return this.#complain(this.#say('pinUnreachable'));
    this.#button.disabled = true;
    try {
      await callApi(issueToken, { params: { id: streamId }, body: { pin } });
      this.#input.value = '';
      this.#opened();
    } catch (error) {
      this.#complain(this.#explain(error));
      this.#input.select();
    }
    this.#button.disabled = false;
  }

  #explain(error: unknown): string {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'rate-limited') {
      const seconds = Math.ceil((error.retryAfterMs ?? defaultWaitMs) / 1000);
      return this.#say('pinTooMany', { seconds });
    }
    return this.#say(error.status === 401 ? 'pinWrong' : 'pinUnreachable');
  }

  #complain(text: string): void {
    setText(this.#wrong, text);
    this.#input.setAttribute('aria-invalid', String(text !== ''));
  }
}
