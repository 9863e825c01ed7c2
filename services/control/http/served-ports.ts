import type { OpenSettings } from '../settings/open-settings.ts';

interface Listening {
  readonly port: number | null;
}

/** Where the page is served: many rooms say it, and are opened before the servers that know. */
export class ServedPorts {
  readonly #settings: Pick<OpenSettings, 'current'>;
  #network: Listening | null = null;
  #secure: Listening | null = null;

  constructor({ settings }: { settings: Pick<OpenSettings, 'current'> }) {
    this.#settings = settings;
  }

  /** Null until it is served. */
  readonly http = (): number | null => this.#network?.port ?? null;

  /** Null until it is served, and where HTTPS is off. */
  readonly https = (): number | null =>
    this.#settings.current().https.mode === 'off' ? null : (this.#secure?.port ?? null);

  serve(servers: { network: Listening; secure: Listening }): void {
    this.#network = servers.network;
    this.#secure = servers.secure;
  }
}
