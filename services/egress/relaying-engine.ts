import type { Engine, EngineLoad, FrameFanOut, Peer, PeerEvents, RemoteTransport } from './engine.ts';
import type { NativeEngine } from './native-engine.ts';
import type { IceServerAddress } from './sdp/ice-server.ts';

/**
 * Our own engine for everybody in reach, and node-datachannel, on a port of its own, for sessions that were given
 * STUN or TURN servers: only they need candidates of servers, and a client for both protocols. It is loaded when the
 * first such session comes.
 */
export class RelayingEngine implements Engine {
  readonly name = 'native';
  readonly frames: FrameFanOut;
  readonly #native: NativeEngine;
  readonly #startRelaying: () => Promise<Engine>;
  #relaying: Promise<Engine> | null = null;
  #relayingPeers: () => number = () => 0;
  #closed = false;

  constructor(native: NativeEngine, startRelaying: () => Promise<Engine>) {
    this.#native = native;
    this.frames = native.frames;
    this.#startRelaying = startRelaying;
  }

  get port(): number {
    return this.#native.port;
  }

  get peers(): number {
    return this.#native.peers + this.#relayingPeers();
  }

  load(): EngineLoad | null {
    return this.#native.load();
  }

  async open(remote: RemoteTransport, iceServers: IceServerAddress[], events: PeerEvents): Promise<Peer> {
    if (iceServers.length === 0) return await this.#native.open(remote, iceServers, events);
    const relaying = await this.#relay();
    return await relaying.open(remote, iceServers, events);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const relaying = await this.#relaying?.catch(() => null);
    await Promise.all([this.#native.close(), relaying?.close()]);
  }

  #relay(): Promise<Engine> {
    if (this.#closed) throw new Error('the engine is closed');
    this.#relaying ??= this.#startRelaying().then(
      (engine) => {
        this.#relayingPeers = () => engine.peers;
        return engine;
      },
      (error) => {
        this.#relaying = null;
        throw error;
      },
    );
    return this.#relaying;
  }
}
