import { joinWifi, scanWifi } from '#core/protocol/endpoints/wifi.ts';
import { element, type make, setText } from '../../page/elements.ts';
import type { Say } from '../../page/language.ts';
import type { BoxLine } from './box-line.ts';
import type { Key } from './words.ts';

interface Network {
  ssid: string;
  signalPercent: number;
  secured: boolean;
  saved: boolean;
}

/** The choice of one that is not in the list: it hides its name. */
const otherValue = '\u0000other';
const scanMs = scanWifi.timeoutMs + 10_000;
/** The line's own answer comes first, and says why. */
const joinMs = joinWifi.timeoutMs + 5_000;

/** Which Wi-Fi the box is in, and another one. */
export class WifiForm {
  readonly #line: BoxLine;
  readonly #say: Say<Key>;
  readonly #make: typeof make;
  readonly #onJoined: () => Promise<void>;
  #networks: Network[] = [];

  constructor(options: {
    line: BoxLine;
    say: Say<Key>;
    make: typeof make;
    attempt: (button: HTMLButtonElement, work: () => Promise<string>) => Promise<void>;
    onJoined: () => Promise<void>;
  }) {
    this.#line = options.line;
    this.#say = options.say;
    this.#make = options.make;
    this.#onJoined = options.onJoined;
    const search = element('search', HTMLButtonElement);
    search.onclick = () => void options.attempt(search, () => this.#search());
    const select = element('network', HTMLSelectElement);
    select.onchange = () => this.#choose();
    element('wifi', HTMLFormElement).onsubmit = (event) => {
      event.preventDefault();
      void options.attempt(element('join', HTMLButtonElement), () => this.#join());
    };
  }

  async start(): Promise<void> {
    const isAvailable = await this.#showState();
    element('wifi-fields', HTMLElement).hidden = !isAvailable;
    if (isAvailable) element('search', HTMLButtonElement).click();
  }

  async #showState(): Promise<boolean> {
    const { available, connected } = await this.#line.call<{
      available: boolean;
      connected: { ssid: string } | null;
    }>('wifi');
    const text = connected ? this.#say('joined', { ssid: connected.ssid }) : this.#say('notJoined');
    setText(element('wifi-state', HTMLElement), available ? text : this.#say('noWifi'));
    return available;
  }

  async #search(): Promise<string> {
    setText(element('wifi-state', HTMLElement), this.#say('searching'));
    try {
      const { networks } = await this.#line.call<{ networks: Network[] }>('wifi.scan', {}, scanMs);
      this.#networks = networks;
    } finally {
      this.#list();
      await this.#showState();
    }
    return '';
  }

  #list(): void {
    const select = element('network', HTMLSelectElement);
    const chosen = select.value;
    select.replaceChildren(
      ...this.#networks.map(({ ssid, signalPercent }) =>
        this.#make('option', { value: ssid }, this.#say('signal', { ssid, percent: signalPercent })),
      ),
      this.#make('option', { value: otherValue }, this.#say('otherNetwork')),
    );
    if (this.#networks.some(({ ssid }) => ssid === chosen)) select.value = chosen;
    this.#choose();
  }

  #choose(): void {
    const { value } = element('network', HTMLSelectElement);
    element('other', HTMLElement).hidden = value !== otherValue;
    const network = this.#networks.find(({ ssid }) => ssid === value);
    element('passphrase', HTMLInputElement).disabled = network !== undefined && !network.secured;
  }

  async #join(): Promise<string> {
    const chosen = element('network', HTMLSelectElement).value;
    const isHidden = chosen === otherValue;
    const ssid = isHidden ? element('ssid', HTMLInputElement).value : chosen;
    const field = element('passphrase', HTMLInputElement);
    const passphrase = field.disabled ? '' : field.value;
    setText(element('wifi-state', HTMLElement), this.#say('joining'));
    try {
      await this.#line.call(
        'wifi.join',
        { ssid, ...(passphrase ? { passphrase } : {}), ...(isHidden ? { hidden: true } : {}) },
        joinMs,
      );
    } finally {
      await this.#showState();
    }
    field.value = '';
    await this.#onJoined();
    return this.#say('nowJoined', { ssid });
  }
}
