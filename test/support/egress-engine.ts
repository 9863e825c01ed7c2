import type { Engine, LocalTransport, Peer, PeerEvents, RemoteTransport } from '#egress/engine.ts';

export const localTransport: LocalTransport = {
  iceUfrag: 'abcd',
  icePwd: 'abcdefghijklmnopqrstuv',
  fingerprint: { algorithm: 'sha-256', value: 'AA:BB' },
  setup: 'active',
  iceLite: false,
  candidates: ['candidate:1 1 UDP 1 192.0.2.1 8189 typ host'],
  complete: true,
};

/** A transport that goes nowhere: the test says what happens on it. */
export class PeerStandIn implements Peer {
  readonly local: LocalTransport;
  readonly remote: RemoteTransport;
  readonly events: PeerEvents;
  readonly sent: Buffer[] = [];
  readonly candidates: string[] = [];
  closed = false;

  constructor(remote: RemoteTransport, events: PeerEvents, local = localTransport) {
    this.local = local;
    this.remote = remote;
    this.events = events;
  }

  send(packet: Buffer): void {
    this.sent.push(Buffer.from(packet));
  }

  addRemoteCandidate(candidate: string): void {
    this.candidates.push(candidate);
  }

  close(): void {
    this.closed = true;
  }
}

/** An engine without a network. */
export class EngineStandIn implements Engine {
  readonly name = 'node-datachannel';
  readonly port = 8189;
  readonly opened: PeerStandIn[] = [];
  failing = false;
  /** Its own addresses. */
  candidates = localTransport.candidates;
  closed = false;

  get peers(): number {
    return this.opened.filter((peer) => !peer.closed).length;
  }

  get last(): PeerStandIn {
    const peer = this.opened.at(-1);
    if (!peer) throw new Error('nothing was opened');
    return peer;
  }

  async open(remote: RemoteTransport, _iceServers: unknown, events: PeerEvents): Promise<Peer> {
    if (this.failing) throw new Error('the native library says no');
    const peer = new PeerStandIn(remote, events, { ...localTransport, candidates: this.candidates });
    this.opened.push(peer);
    return peer;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
