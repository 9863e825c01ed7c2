import { isIPv6 } from 'node:net';
import { type RTCIceServer, RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import type { Engine, EngineOptions, Peer, PeerEvents, RemoteTransport } from './engine.ts';
import type { IceServerAddress } from './sdp/ice-server.ts';
import { claimPort } from './udp-port.ts';
import { WeriftPeer } from './werift-peer.ts';

/**
 * werift: WebRTC in TypeScript on Node's own OpenSSL, for machines where the native library can't run or mayn't.
 *
 * It opens sockets for each viewer, one an address, on ports the system chooses: sharing one port is not in it, and
 * its port ranges are searched without a lock. So `webrtc.port` does not bind it, and `port` is 0.
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

  async open(remote: RemoteTransport, iceServers: IceServerAddress[], events: PeerEvents): Promise<Peer> {
    const connection = new RTCPeerConnection({
      iceServers: iceServers.map(iceServer),
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
      peer.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#peers].map((peer) => peer.close()));
  }

  #addresses(): object {
    const address = this.#bindAddress;
    if (address === null) return {};
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

function iceServer({
  kind,
  hostname,
  port,
  transport,
  username,
  credential,
}: IceServerAddress): RTCIceServer {
  const host = isIPv6(hostname) ? `[${hostname}]` : hostname;
  if (kind === 'stun') return { urls: `stun:${host}:${port}` };
  const urls = transport === 'tls' ? `turns:${host}:${port}` : `turn:${host}:${port}?transport=${transport}`;
  return { urls, username, credential };
}
