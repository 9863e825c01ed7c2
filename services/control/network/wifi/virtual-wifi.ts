import {
  type JoinedNetwork,
  type VisibleNetwork,
  type Wifi,
  WifiError,
  type WifiJoin,
  type WifiReading,
} from '#core/hardware/network/wifi.ts';

/** A network in reach of the virtual radio. */
export interface VirtualNetwork {
  ssid: string;
  signalPercent: number;
  /** Null is an open network. */
  passphrase: string | null;
  hidden?: boolean;
  /** Lets in and gives no address. */
  withoutAddress?: boolean;
}

/** What the demo's radio hears: one of each kind that somebody may want to try. */
export const demoNetworks: readonly VirtualNetwork[] = [
  { ssid: 'Workshop', signalPercent: 82, passphrase: 'press the button' },
  { ssid: 'Café', signalPercent: 55, passphrase: null },
  { ssid: 'Broken Router', signalPercent: 31, passphrase: 'no address', withoutAddress: true },
  { ssid: 'Backstage', signalPercent: 70, passphrase: 'hidden away', hidden: true },
];

/** A radio without hardware, for the demo and for tests: it hears a fixed neighbourhood. */
export class VirtualWifi implements Wifi {
  readonly #networks: readonly VirtualNetwork[];
  readonly #wired: boolean;
  readonly #saved = new Map<string, string | null>();
  #connected: string | null = null;
  #accessPoint = false;

  /** @param options.wired a cable is plugged in */
  constructor(options: { networks: readonly VirtualNetwork[]; wired: boolean }) {
    this.#networks = options.networks;
    this.#wired = options.wired;
  }

  get online(): boolean {
    return this.#wired || this.#connected !== null;
  }

  addressesOf(): string[] {
    return [];
  }

  async read(): Promise<WifiReading> {
    const ssid = this.#connected;
    const signalPercent = this.#networks.find((one) => one.ssid === ssid)?.signalPercent ?? null;
    return {
      available: true,
      device: 'virtual0',
      connected: ssid === null ? null : { ssid, signalPercent },
      saved: [...this.#saved.keys()],
      accessPoint: this.#accessPoint,
    };
  }

  async scan(): Promise<VisibleNetwork[]> {
    return this.#networks
      .filter(({ hidden }) => !hidden)
      .map(({ ssid, signalPercent, passphrase }) => ({
        ssid,
        signalPercent,
        security: passphrase === null ? ('open' as const) : ('wpa' as const),
      }))
      .sort((one, other) => other.signalPercent - one.signalPercent);
  }

  async join({ ssid, passphrase, hidden }: WifiJoin): Promise<JoinedNetwork> {
    const network = this.#networks.find((one) => one.ssid === ssid);
    if (network === undefined || (network.hidden && !hidden && !this.#saved.has(ssid)))
      throw new WifiError('wifi-not-found', ssid);
    const shown = passphrase ?? this.#saved.get(ssid) ?? null;
    if (network.passphrase !== null && shown !== network.passphrase)
      throw new WifiError('wifi-wrong-passphrase', ssid);
    if (network.withoutAddress) throw new WifiError('wifi-no-address', ssid);
    const former = this.#connected;
    const wasSaved = this.#saved.has(ssid);
    this.#accessPoint = false;
    this.#connected = ssid;
    this.#saved.set(ssid, shown);
    return {
      keep: async () => {},
      takeBack: async () => {
        if (!wasSaved) this.#saved.delete(ssid);
        this.#connected = former;
      },
    };
  }

  async forget(ssid: string): Promise<boolean> {
    if (this.#connected === ssid) this.#connected = null;
    return this.#saved.delete(ssid);
  }

  async openAccessPoint(): Promise<void> {
    this.#connected = null;
    this.#accessPoint = true;
  }

  async closeAccessPoint(): Promise<void> {
    this.#accessPoint = false;
  }
}
