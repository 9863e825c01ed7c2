/** The part of npm's `mdns` that is used; it brings no types. */
export interface Advertisement {
  start(): void;
  stop(): void;
  updateTXTRecord(txt: Readonly<Record<string, string>>): void;
  on(event: 'error', listener: (error: Error) => void): void;
}

export interface MdnsModule {
  tcp(name: string): unknown;
  createAdvertisement(
    type: unknown,
    port: number,
    options: { name: string; txtRecord: Readonly<Record<string, string>> },
    callback: (error: Error | undefined, service: { name: string }) => void,
  ): Advertisement;
}
