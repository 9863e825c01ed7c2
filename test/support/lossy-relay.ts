import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/**
 * A stretch of network between a viewer and egress that loses what the test says. The headers of SRTP are in the
 * clear, so that a packet can be known by its sequence number.
 */
export class LossyRelay {
  readonly #viewerSide: Socket = createSocket('udp4');
  readonly #egressSide: Socket = createSocket('udp4');
  #viewerPort = 0;

  /** @param loses is asked for each packet from egress */
  static async start(egressPort: number, loses: (packet: Buffer) => boolean): Promise<LossyRelay> {
    const relay = new LossyRelay();
    relay.#viewerSide.on('message', (packet, { port }) => {
      relay.#viewerPort = port;
      relay.#egressSide.send(packet, egressPort, '127.0.0.1');
    });
    relay.#egressSide.on('message', (packet) => {
      if (relay.#viewerPort !== 0 && !loses(packet))
        relay.#viewerSide.send(packet, relay.#viewerPort, '127.0.0.1');
    });
    for (const socket of [relay.#viewerSide, relay.#egressSide]) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return relay;
  }

  /** The answer, leading to the relay instead. */
  through(answer: string, egressPort: number): string {
    return answer.replaceAll(` 127.0.0.1 ${egressPort} `, ` 127.0.0.1 ${this.#viewerSide.address().port} `);
  }

  close(): void {
    this.#viewerSide.close();
    this.#egressSide.close();
  }
}
