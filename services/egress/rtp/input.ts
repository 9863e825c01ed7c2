import { createSocket, type Socket } from 'node:dgram';
import { isInputPacket, type MediaKind } from './packet.ts';

/** Room for a quarter of a second at 25 Mbit/s, should this process be held up. */
const receiveBufferBytes = 1024 * 1024;

/** Where media sends RTP: two UDP ports on loopback, one for pictures, one for sound. */
export class RtpInput {
  readonly #sockets: Record<MediaKind, Socket>;
  readonly #take: (kind: MediaKind, packet: Buffer) => void;

  /** @param take is given each packet that can be media's, and may write to it */
  constructor(take: (kind: MediaKind, packet: Buffer) => void) {
    this.#take = take;
    this.#sockets = { video: createSocket({ type: 'udp4' }), audio: createSocket({ type: 'udp4' }) };
  }

  get videoPort(): number {
    return this.#sockets.video.address().port;
  }

  get audioPort(): number {
    return this.#sockets.audio.address().port;
  }

  /** Binds both ports; they stay the same until `close`. */
  async start(): Promise<void> {
    await Promise.all([this.#bind('video'), this.#bind('audio')]);
  }

  close(): void {
    for (const socket of Object.values(this.#sockets)) {
      try {
        socket.close();
      } catch {
        // closed before
      }
    }
  }

  async #bind(kind: MediaKind): Promise<void> {
    const socket = this.#sockets[kind];
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      // Only programs on this machine can reach a loopback address.
      socket.bind({ port: 0, address: '127.0.0.1', exclusive: true }, resolve);
    });
    socket.removeAllListeners('error');
    socket.on('error', () => {}); // a lost packet; what matters shows as RTP that ceases
    socket.setRecvBufferSize(receiveBufferBytes);
    socket.on('message', (packet) => {
      if (isInputPacket(kind, packet)) this.#take(kind, packet);
    });
  }
}
