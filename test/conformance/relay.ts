import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Candidate } from './sdp.ts';

export interface RelayedPacket {
  bytes: Buffer;
  from: 'server' | 'client';
}

/** A stretch of network between a client and one candidate of the server, which loses what it is told to. */
export class Relay {
  readonly #clientSide: Socket = createSocket('udp4');
  readonly #serverSide: Socket = createSocket('udp4');
  #clientPort = 0;
  /** Asked for each packet. */
  loses: (packet: RelayedPacket) => boolean = () => false;
  /** Told of each packet, lost ones too. */
  seen: (packet: RelayedPacket) => void = () => {};

  static async start({ address, port }: Pick<Candidate, 'address' | 'port'>): Promise<Relay> {
    const relay = new Relay();
    relay.#clientSide.on('message', (bytes, { port: clientPort }) => {
      relay.#clientPort = clientPort;
      if (relay.#passes({ bytes, from: 'client' })) relay.#serverSide.send(bytes, port, address, () => {});
    });
    relay.#serverSide.on('message', (bytes) => {
      if (relay.#passes({ bytes, from: 'server' }) && relay.#clientPort !== 0)
        relay.#clientSide.send(bytes, relay.#clientPort, '127.0.0.1', () => {});
    });
    for (const socket of [relay.#clientSide, relay.#serverSide]) socket.on('error', () => {});
    relay.#clientSide.bind(0, '127.0.0.1');
    relay.#serverSide.bind(0);
    await Promise.all([once(relay.#clientSide, 'listening'), once(relay.#serverSide, 'listening')]);
    return relay;
  }

  /** The answer with this relay as its only candidate. */
  through(answer: string): string {
    const { port } = this.#clientSide.address();
    const line = `a=candidate:1 1 UDP 2130706431 127.0.0.1 ${port} typ host\r\n`;
    let placed = false;
    return answer.replace(/a=candidate:[^\r\n]*\r?\n/g, () => {
      if (placed) return '';
      placed = true;
      return line;
    });
  }

  close(): void {
    this.#clientSide.close();
    this.#serverSide.close();
  }

  #passes(packet: RelayedPacket): boolean {
    this.seen(packet);
    return !this.loses(packet);
  }
}
