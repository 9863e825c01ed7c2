import { IceUdpMuxListener, type IceServer as NativeIceServer, PeerConnection } from 'node-datachannel';
import type { Engine, EngineOptions, Peer, PeerEvents, RemoteTransport } from './engine.ts';
import { NodeDatachannelPeer } from './node-datachannel-peer.ts';
import type { IceServerAddress } from './sdp/ice-server.ts';
import { claimPort, EngineError } from './udp-port.ts';

/**
 * libdatachannel: C++, one UDP port for all viewers, packets encrypted and sent within the call.
 *
 * The listener that holds the port is never stopped, and never collected: libdatachannel 0.24.5 may leave it
 * registered with libjuice all the same, which would then call into freed memory for any stranger's STUN packet.
 * So a port once opened is open until the process ends, and egress ends its process to change it.
 */
export class NodeDatachannelEngine implements Engine {
  static readonly #heldListeners: IceUdpMuxListener[] = [];

  readonly name = 'node-datachannel';
  readonly port: number;
  readonly #bindAddress: string | null;
  readonly #peers = new Set<NodeDatachannelPeer>();

  /** @throws EngineError */
  static async start({ port, bindAddress }: EngineOptions): Promise<NodeDatachannelEngine> {
    const claimed = await claimPort(port, bindAddress);
    try {
      NodeDatachannelEngine.#heldListeners.push(new IceUdpMuxListener(claimed, bindAddress ?? undefined));
    } catch (error) {
      throw new EngineError(
        {
          code: 'webrtc-port-unavailable',
          message: `UDP port ${claimed} for WebRTC can't be opened.`,
          action: 'Set webrtc.port to another port.',
        },
        { cause: error },
      );
    }
    const engine = new NodeDatachannelEngine(claimed, bindAddress);
    await engine.#warmUp();
    return engine;
  }

  private constructor(port: number, bindAddress: string | null) {
    this.port = port;
    this.#bindAddress = bindAddress;
  }

  get peers(): number {
    return this.#peers.size;
  }

  async open(remote: RemoteTransport, iceServers: IceServerAddress[], events: PeerEvents): Promise<Peer> {
    const servers = iceServers.map(nativeServer).filter((server) => server !== null);
    const peer: NodeDatachannelPeer = new NodeDatachannelPeer(this.#connect(servers), events, () =>
      this.#peers.delete(peer),
    );
    this.#peers.add(peer);
    try {
      await peer.answer(remote, {
        slowCandidates: servers.length > 0,
        listensEverywhere: this.#bindAddress === null ? { port: this.port } : null,
      });
      return peer;
    } catch (error) {
      peer.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.close();
  }

  #connect(iceServers: NativeIceServer[]): PeerConnection {
    return new PeerConnection('viewer', {
      iceServers,
      enableIceUdpMux: true,
      portRangeBegin: this.port,
      portRangeEnd: this.port,
      ...(this.#bindAddress === null ? {} : { bindAddress: this.#bindAddress }),
    });
  }

  /** A first connection to nobody: the next one finds threads running, and libjuice stops writing to stdout. */
  async #warmUp(): Promise<void> {
    const events = { localCandidate() {}, connected() {}, ended() {}, rtcp() {} };
    const peer = await this.open(nobody, [], events);
    peer.close();
  }
}

const nobody: RemoteTransport = {
  iceUfrag: 'warm',
  icePwd: 'warm'.repeat(6),
  fingerprint: { algorithm: 'sha-256', value: Array(32).fill('00').join(':') },
  setup: 'actpass',
  candidates: [],
};

/** libjuice speaks STUN and TURN over UDP only; null for a server it could not use. */
function nativeServer(server: IceServerAddress): NativeIceServer | null {
  const { kind, hostname, port, transport, username, credential } = server;
  if (transport !== 'udp') return null;
  if (kind === 'stun') return { hostname, port };
  return { hostname, port, username, password: credential, relayType: 'TurnUdp' };
}
