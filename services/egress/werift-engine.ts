import { isIPv6 } from 'node:net';
import { type PeerConfig, RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import type { Engine, EngineOptions, Peer, PeerEvents, RemoteTransport } from './engine.ts';
import { hostAddresses } from './ice/host-candidates.ts';
import { claimPort } from './udp-port.ts';
import { WeriftPeer } from './werift-peer.ts';

/**
 * werift: WebRTC in TypeScript on Node's own OpenSSL, for machines where the native library can't run or mayn't.
 *
 * It opens sockets for each viewer, one an address, on ports the system chooses: sharing one port is not in it, and
 * its port ranges are searched without a lock. So `webrtc.port` does not bind it, and `port` is 0.
 *
 * It runs as an ICE-lite agent: viewers find the box by their own checks, and none is sent to an address that a
 * viewer names. As a full agent werift would give up at once on a viewer that names none. STUN and TURN servers are
 * not used.
 */
export class WeriftEngine implements Engine {
  readonly name = 'werift';
  readonly port = 0;
  readonly #bindAddress: string | null;
  readonly #peers = new Set<WeriftPeer>();

  /** @throws EngineError */
  static async start({ bindAddress }: EngineOptions): Promise<WeriftEngine> {
    await claimPort(0, bindAddress);
    return new WeriftEngine(bindAddress);
  }

  private constructor(bindAddress: string | null) {
    this.#bindAddress = bindAddress;
  }

  get peers(): number {
    return this.#peers.size;
  }

  async open(remote: RemoteTransport, _iceServers: unknown, events: PeerEvents): Promise<Peer> {
    const connection = new RTCPeerConnection({
      iceServers: [],
      iceLite: true,
      iceFilterStunResponse: () => {
        peer.checked();
        return true;
      },
      bundlePolicy: 'max-bundle',
      codecs: {
        video: [new RTCRtpCodecParameters({ mimeType: 'video/H264', clockRate: 90_000 })],
        audio: [],
      },
      ...this.#addresses(),
    });
    const peer: WeriftPeer = new WeriftPeer({
      connection,
      bindAddress: this.#bindAddress,
      events,
      onReleased: () => this.#peers.delete(peer),
    });
    this.#peers.add(peer);
    try {
      await peer.answer(remote);
      return peer;
    } catch (error) {
      await peer.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#peers].map((peer) => peer.close()));
  }

  #addresses(): Partial<PeerConfig> {
    const address = this.#bindAddress;
    if (address === null) {
      // werift leaves link-local addresses and loopback out by itself. A socket can't be bound to fe80:: without a zone.
      const own = hostAddresses({ bindAddress: null, ipv4Only: false });
      return { iceAdditionalHostAddresses: own.filter((one) => /^(169\.254\.|127\.|::1$)/.test(one)) };
    }
    const v6 = isIPv6(address);
    return {
      iceUseIpv4: !v6,
      iceUseIpv6: v6,
      iceInterfaceAddresses: v6 ? { udp6: address } : { udp4: address },
      // werift leaves loopback out by itself.
      iceAdditionalHostAddresses: [address],
    };
  }
}
