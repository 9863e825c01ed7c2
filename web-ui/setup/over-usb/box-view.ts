import { pageAddresses } from '#core/domain/page-address.ts';
import { element, type make, setText } from '../../page/elements.ts';
import type { Say } from '../../page/language.ts';
import type { BoxLine } from './box-line.ts';
import { WifiForm } from './wifi-form.ts';
import type { Key } from './words.ts';

export interface BoxStatus {
  device: { name: string; hostname: string; address: string | null };
  stream: { quality: string };
  broadcast: { state: string };
  ports: { http: number | null };
}

type Attempt = (button: HTMLButtonElement, work: () => Promise<string>) => Promise<void>;

const qualities = {
  '1080p': { width: 1920, height: 1080, framesPerSecond: 30, bitrateKbps: 6_000 },
  '720p': { width: 1280, height: 720, framesPerSecond: 30, bitrateKbps: 3_000 },
  '480p': { width: 854, height: 480, framesPerSecond: 30, bitrateKbps: 1_500 },
};

/** A connected box: how it is, and the forms that change it. */
export class BoxView {
  readonly #line: BoxLine;
  readonly #say: Say<Key>;
  readonly #make: typeof make;
  readonly #wifi: WifiForm;

  constructor(options: { line: BoxLine; say: Say<Key>; attempt: Attempt; make: typeof make }) {
    const { line, say, attempt } = options;
    this.#line = line;
    this.#say = say;
    this.#make = options.make;
    this.#wifi = new WifiForm({ ...options, onJoined: () => this.#refresh() });
    const press = (id: string, work: () => Promise<string>): void => {
      const button = element(id, HTMLButtonElement);
      button.onclick = () => void attempt(button, work);
    };
    press('go-live', async () => {
      await line.call('live');
      return say('live');
    });
    press('stop', async () => {
      await line.call('stop');
      return say('offline');
    });
    press('get-code', () => this.#getCode());
    const form = element('settings', HTMLFormElement);
    form.onsubmit = (event) => {
      event.preventDefault();
      void attempt(element('save', HTMLButtonElement), () => this.#save());
    };
  }

  async start(): Promise<void> {
    await this.#line.call('subscribe');
    await this.#readSettings();
    await this.#wifi.start();
  }

  showStatus({ device, broadcast, ports, stream }: BoxStatus): void {
    setText(element('name', HTMLElement), device.name);
    const { state } = broadcast;
    const badge = element('state', HTMLElement);
    badge.classList.toggle('live', state === 'live');
    const isSettled = state === 'offline' || state === 'failed';
    setText(badge, this.#say(state === 'live' ? 'live' : isSettled ? 'offline' : 'busy'));
    element('go-live', HTMLElement).hidden = !isSettled;
    element('stop', HTMLElement).hidden = isSettled;
    const addresses = pageAddresses({ device, ports });
    const pages = element('pages', HTMLElement);
    if (addresses.length === 0) setText(pages, this.#say('noNetwork'));
    else pages.replaceChildren(`${this.#say('page')}: `, ...this.#links(addresses));
    const asIs = element('quality', HTMLSelectElement).options[0];
    if (asIs) setText(asIs, this.#say('asIs', { quality: stream.quality }));
  }

  #links(addresses: readonly string[]): (Node | string)[] {
    return addresses.flatMap((address, at) => [
      ...(at > 0 ? [' · '] : []),
      this.#make('a', { href: address, target: '_blank', rel: 'noreferrer' }, address),
    ]);
  }

  async #refresh(): Promise<void> {
    this.showStatus(await this.#line.call<BoxStatus>('status'));
  }

  async #readSettings(): Promise<void> {
    const { settings } = await this.#line.call<{ settings: Record<string, unknown> }>('get');
    const fill = (id: string, key: string): void => {
      element(id, HTMLInputElement).value = String(settings[key] ?? '');
    };
    fill('device-name', 'device.name');
    fill('hostname', 'network.hostname');
    fill('title', 'broadcast.title');
    element('pin', HTMLInputElement).value = '';
    const hasPin = settings['viewing.access'] === 'pin';
    setText(element('pin-help', HTMLElement), this.#say(hasPin ? 'pinKept' : 'pinHelp'));
    element('remove-pin-row', HTMLElement).hidden = !hasPin;
    element('remove-pin', HTMLInputElement).checked = false;
    const quality = element('quality', HTMLSelectElement);
    const choices = Object.keys(qualities).map((name) => this.#make('option', { value: name }, name));
    const shown = `${settings['video.width']}x${settings['video.height']}`;
    quality.replaceChildren(
      this.#make('option', { value: '' }, this.#say('asIs', { quality: shown })),
      ...choices,
    );
  }

  async #save(): Promise<string> {
    const value = (id: string): string => element(id, HTMLInputElement).value.trim();
    const pin = value('pin');
    const chosen = qualities[element('quality', HTMLSelectElement).value as keyof typeof qualities];
    const removesPin = element('remove-pin', HTMLInputElement).checked;
    await this.#line.call('patch', {
      settings: {
        device: { name: value('device-name') },
        network: { hostname: value('hostname') },
        broadcast: { title: value('title') },
        ...(chosen ? { video: chosen } : {}),
        ...(pin ? { viewing: { access: 'pin', pin } } : {}),
        ...(removesPin && !pin ? { viewing: { access: 'open', pin: null } } : {}),
      },
    });
    await this.#readSettings();
    await this.#refresh();
    return this.#say('saved');
  }

  async #getCode(): Promise<string> {
    const { code, pages } = await this.#line.call<{ code: string; pages: string[] }>('pair');
    const shown = element('code', HTMLElement);
    setText(shown, code);
    shown.hidden = false;
    const where = element('code-pages', HTMLElement);
    where.replaceChildren(`${this.#say('code')} `, ...this.#links(pages));
    where.hidden = pages.length === 0;
    return '';
  }
}
