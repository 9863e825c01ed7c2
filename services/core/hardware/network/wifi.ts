/** How a network keeps others out, as far as that matters for joining it. */
export type WifiSecurity = 'open' | 'enhanced-open' | 'wpa' | 'wpa3' | 'unsupported';

/** A network that the radio hears. */
export interface VisibleNetwork {
  /** Whatever somebody named their network: never trusted, and bytes that are no text are replaced. */
  ssid: string;
  /** 0 to 100 */
  signalPercent: number;
  security: WifiSecurity;
}

/** How Wi-Fi is now. */
export interface WifiReading {
  /** There is a radio, and something that runs it. */
  available: boolean;
  /** The radio's interface: "wlan0". */
  device: string | null;
  connected: { ssid: string; signalPercent: number | null } | null;
  saved: string[];
  /** The box's own access point is on the air. */
  accessPoint: boolean;
}

export interface WifiJoin {
  ssid: string;
  /** 8 to 63 printable ASCII characters (IEEE 802.11 J.4.1). */
  passphrase?: string | undefined;
  /** It does not tell its name: the radio has to call for it. */
  hidden: boolean;
}

/** A network that was joined and has an address; until `keep` or `takeBack` both it and the former one are known. */
export interface JoinedNetwork {
  /** It is the one from now on, also after a restart. */
  keep(): Promise<void>;
  /** The network before it comes back. */
  takeBack(): Promise<void>;
}

/** The box's Wi-Fi: real (NetworkManager) or virtual, nothing above knows which. */
export interface Wifi {
  /** An address in some network other than the box's own: by cable, or by Wi-Fi. */
  readonly online: boolean;
  /** Local addresses of the radio's interface. */
  addressesOf(device: string): string[];
  read(): Promise<WifiReading>;
  /** Scans; the strongest first, each name once. @throws WifiError */
  scan(): Promise<VisibleNetwork[]>;
  /** @throws WifiError; the network before is back then */
  join(wanted: WifiJoin): Promise<JoinedNetwork>;
  /** @returns whether it was saved @throws WifiError */
  forget(ssid: string): Promise<boolean>;
  /** WPA2, the page at `accessPointAddress`. @throws WifiError */
  openAccessPoint(options: { ssid: string; passphrase: string }): Promise<void>;
  closeAccessPoint(): Promise<void>;
}

/** The box's own address in its own access point. */
export const accessPointAddress = '10.42.0.1';

export type WifiProblem =
  | 'wifi-unavailable'
  | 'wifi-wrong-passphrase'
  | 'wifi-not-found'
  | 'wifi-no-address'
  | 'wifi-unsupported'
  | 'wifi-failed';

const words: Record<WifiProblem, { message: (ssid: string) => string; action: string }> = {
  'wifi-unavailable': {
    message: () => 'This box has no Wi-Fi that works.',
    action: 'Use a network cable, or run onair doctor on the box.',
  },
  'wifi-wrong-passphrase': {
    message: (ssid) => `${ssid} does not take that passphrase.`,
    action: 'Check the passphrase, capital letters too, and join again.',
  },
  'wifi-not-found': {
    message: (ssid) => `No network called ${ssid} is in reach.`,
    action: 'Scan for networks, move closer, or say that the network is hidden.',
  },
  'wifi-no-address': {
    message: (ssid) => `${ssid} let the box in, but gave it no address.`,
    action: 'Restart the router, or check that it gives out addresses (DHCP).',
  },
  'wifi-unsupported': {
    message: (ssid) => `${ssid} is secured in a way that this box does not know.`,
    action: 'Use a network with WPA2 or WPA3 and a passphrase.',
  },
  'wifi-failed': {
    message: (ssid) => `Joining ${ssid} did not work.`,
    action: 'Try again; if it stays so, onair logs says more.',
  },
};

/** Why Wi-Fi did not do what it was asked to, in plain words. */
export class WifiError extends Error {
  readonly code: WifiProblem;
  readonly action: string;

  constructor(code: WifiProblem, ssid = 'the network', cause?: unknown) {
    super(words[code].message(printable(ssid)), { cause });
    this.name = 'WifiError';
    this.code = code;
    this.action = words[code].action;
  }
}

/** A name as it may be shown: without what would move a terminal's cursor or turn the line around. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}
