import { encodePacket, improvHeader } from '#console/line/improv-packet.ts';

const commands = [
  'status',
  'live',
  'stop',
  'get',
  'get video',
  'set device.name Stage',
  'set viewing.pin 1234',
  'wifi',
  'wifi scan',
  'wifi join Kitchen good passphrase',
  'wifi join Kitchen',
  'pair',
  'devices',
  'logs 3',
  'doctor',
  'reboot',
  'help',
  'onair> status',
];
const methods = ['status', 'live', 'get', 'set', 'wifi.join', 'logs', 'rpc.discover', 'subscribe', 'nope'];
const editing = [
  '\u001b[A',
  '\u001b[B',
  '\u001b[C',
  '\u001b[D',
  '\u001b[3~',
  '\t',
  '\u0001',
  '\u0005',
  '\u0015',
];

/** Seeded lines for the console, right and wrong in every way that we could think of, each with its end. */
export class FuzzLines {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(): Uint8Array {
    const kinds = [
      () => Buffer.from(this.#pick(commands)),
      () => this.#mutate(Buffer.from(this.#pick(commands))),
      () => Buffer.from(this.#request()),
      () => this.#mutate(Buffer.from(this.#request())),
      () => Buffer.from(`[${Array.from({ length: this.#below(60) }, () => this.#request()).join()}]`),
      () => this.#packet(),
      () => this.#mutate(this.#packet()),
      () => this.#packet().subarray(0, this.#below(20)),
      () => Buffer.concat([improvHeader, this.#bytes(this.#below(300))]),
      () => this.#bytes(this.#below(200)),
      () => Buffer.from(Array.from({ length: 12 }, () => this.#pick([...editing, ...commands])).join('')),
      () => Buffer.from('{'.repeat(this.#below(3_000))),
      () =>
        Buffer.alloc(
          this.#below(this.#below(50) === 0 ? 100_000 : 2_000),
          this.#pick(['x', '{', '\u00fc', 'I']),
        ),
    ];
    return Buffer.concat([this.#pick(kinds)(), Buffer.from(this.#pick(['\n', '\r', '\r\n', '\n\n']))]);
  }

  #request(): string {
    const params = this.#pick([
      undefined,
      {},
      [],
      ['device.name'],
      { key: 'device.name', value: 'Stage' },
      { ssid: 'Kitchen', passphrase: 'good passphrase' },
      { lines: this.#below(2_000) },
      7,
      null,
    ]);
    return JSON.stringify({
      jsonrpc: '2.0',
      id: this.#pick([1, 'a', null, undefined]),
      method: this.#pick(methods),
      params,
    });
  }

  #packet(): Uint8Array {
    const payload = this.#bytes(this.#below(4) === 0 ? this.#below(250) : 0);
    const data = Buffer.concat([Buffer.from([this.#below(9), payload.length]), payload]);
    return encodePacket({ type: this.#pick([3, 3, 3, 1, 2, 4, 9]), data });
  }

  #mutate(bytes: Uint8Array): Uint8Array {
    const changed = Buffer.from(bytes);
    for (let times = this.#below(4); times >= 0; times -= 1)
      if (changed.length > 0) changed[this.#below(changed.length)] = this.#below(256);
    return this.#below(3) === 0 ? changed.subarray(0, this.#below(changed.length + 1)) : changed;
  }

  #bytes(length: number): Uint8Array {
    return Buffer.from(Array.from({ length }, () => this.#below(256)));
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item;
  }

  /** mulberry32 */
  #below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
}
