import type { Engine, EngineOptions, FrameFanOut, Peer, PeerEvents, RemoteTransport } from './engine.ts';
import { askerOf } from './ice/ice-agent.ts';
import type { NetworkPath } from './ice/network-path.ts';
import { parseStun, type StunMessage, stunAttribute, stunType } from './ice/stun-message.ts';
import {
  type AddonEngine,
  type AddonLoad,
  addonEvent,
  readEvents,
  type WebRtcAddon,
} from './native-addon.ts';
import { NativePeer } from './native-peer.ts';
import { addressReason, EngineError } from './udp-port.ts';

/**
 * Our own engine: an addon does what is hot and what needs OpenSSL (`native/`), ICE is ours (`ice/`). One UDP port for
 * all viewers, DTLS 1.2, host candidates. STUN and TURN servers are for `relaying-engine.ts`.
 *
 * A stranger's bytes meet our STUN parser, OpenSSL, and for viewers who passed both, SRTCP and our RTCP parser.
 */
export class NativeEngine implements Engine {
  readonly name = 'native';
  readonly #addon: AddonEngine;
  readonly #bindAddress: string | null;
  readonly #peers = new Map<number, NativePeer>();
  readonly #byUfrag = new Map<string, NativePeer>();
  readonly #fingerprint: string;
  #nextPeer = 1;
  #closed = false;

  /** @throws EngineError */
  static async start(addon: WebRtcAddon, { port, bindAddress }: EngineOptions): Promise<NativeEngine> {
    return new NativeEngine(addon, port, bindAddress);
  }

  private constructor(addon: WebRtcAddon, port: number, bindAddress: string | null) {
    this.#bindAddress = bindAddress;
    try {
      const handle = this.#handle.bind(this);
      this.#addon = addon.start(port, bindAddress ?? '', (events) => readEvents(events, handle));
    } catch (error) {
      throw new EngineError(addressReason((error as NodeJS.ErrnoException).code, port, bindAddress), {
        cause: error,
      });
    }
    this.#fingerprint = [...this.#addon.fingerprint]
      .map((byte) => byte.toString(16).padStart(2, '0').toUpperCase())
      .join(':');
  }

  get port(): number {
    return this.#addon.port;
  }

  get peers(): number {
    return this.#peers.size;
  }

  readonly frames: FrameFanOut = {
    send: (frame) => {
      const { kind, isKey, index, spreadMs, packets, places } = frame;
      this.#addon.frame(kind === 'video' ? 0 : 1, isKey, index, spreadMs, packets, places);
    },
  };

  /** How busy the network thread was since this was asked last. */
  load(): AddonLoad | null {
    return this.#addon.load() ?? null;
  }

  async open(remote: RemoteTransport, _iceServers: unknown, events: PeerEvents): Promise<Peer> {
    if (this.#closed) throw new Error('the engine is closed');
    const id = this.#nextPeer;
    this.#nextPeer += 1;
    const peer = new NativePeer({
      id,
      addon: this.#addon,
      remote,
      events,
      fingerprint: { algorithm: 'sha-256', value: this.#fingerprint },
      address: { port: this.port, bindAddress: this.#bindAddress, ipv4Only: this.#addon.ipv4Only },
      known: (ufrag, known) => this.#byUfrag.set(ufrag, known),
      released: (ufrags) => {
        this.#peers.delete(id);
        for (const ufrag of ufrags) this.#byUfrag.delete(ufrag);
      },
    });
    this.#peers.set(id, peer);
    return peer;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const peer of this.#peers.values()) peer.close();
    this.#addon.close();
  }

  #handle(type: number, id: number, data: Buffer, path: NetworkPath | null): void {
    if (type === addonEvent.stun) {
      if (path) this.#handleStun(data, path);
      return;
    }
    const peer = this.#peers.get(id);
    if (type === addonEvent.rtcp) peer?.handleRtcp(data);
    else if (type === addonEvent.connected) peer?.handleConnected();
    else if (type === addonEvent.closed) peer?.handleEnd('closed');
    else if (type === addonEvent.failed) peer?.handleEnd('failed');
    else if (type === addonEvent.keyFrameNeeded) peer?.handleSkip();
  }

  #handleStun(bytes: Buffer, path: NetworkPath): void {
    const message = parseStun(bytes);
    if (message === null) return;
    if (message.type === stunType.request) this.#addressee(message)?.ice.handleRequest(message, path);
    else if (message.type === stunType.success || message.type === stunType.error) {
      this.#peers.get(askerOf(message.transactionId))?.ice.handleResponse(message, path);
    }
  }

  /** A request names our fragment first (RFC 8445, 7.2.2). */
  #addressee(message: StunMessage): NativePeer | undefined {
    const username = message.attributes.get(stunAttribute.username)?.toString('latin1') ?? '';
    return this.#byUfrag.get(username.slice(0, username.indexOf(':')));
  }
}
