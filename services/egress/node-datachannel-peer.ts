import { type PeerConnection, type Track, Video } from 'node-datachannel';
import type { LocalTransport, Peer, PeerEvents, RemoteTransport } from './engine.ts';
import { missingCandidates } from './ice/host-candidates.ts';
import {
  readTransportAnswer,
  transportMid,
  transportPayloadType,
  writeTransportOffer,
} from './sdp/transport-description.ts';

/** Host candidates are there at once. */
const hostCandidatesMs = 50;
/**
 * Candidates of STUN and TURN, where such servers are set: later ones follow by trickle, which WHEP can't carry from
 * server to viewer, so an answer waits a little for them.
 */
const serverCandidatesMs = 250;

/**
 * One native connection with a single send-only track, which takes RTP and RTCP of both streams and delivers all
 * RTCP of the viewer.
 *
 * The native side keeps every callback, and all that the callback can reach, until it has closed: so everything is
 * let go then, and the two wrappers are held until then, since the native threads still use them.
 */
export class NodeDatachannelPeer implements Peer {
  #connection: PeerConnection | null;
  #track: Track | null;
  #events: PeerEvents | null;
  #onReleased: (() => void) | null;
  #local: LocalTransport | null = null;
  #gathered: (() => void) | null = null;
  #open = false;
  #closed = false;

  constructor(connection: PeerConnection, events: PeerEvents, onReleased: () => void) {
    this.#connection = connection;
    this.#events = events;
    this.#onReleased = onReleased;
    connection.onStateChange((state) => this.#stateChanged(state));
    connection.onGatheringStateChange((state) => {
      if (state === 'complete') this.#gatheringDone();
    });
    connection.onLocalCandidate((candidate) => this.#localCandidate(candidate));

    const video = new Video(transportMid, 'SendOnly');
    video.addH264Codec(transportPayloadType);
    this.#track = connection.addTrack(video);
    this.#track.onOpen(() => {
      this.#open = !this.#closed;
      this.#events?.connected();
    });
    this.#track.onMessage((packet) => this.#events?.rtcp(packet));
    this.#track.onClosed(() => {
      this.#open = false;
      this.#track = null;
      this.#releaseIfDone();
    });
  }

  get local(): LocalTransport {
    if (this.#local === null) throw new Error('the transport has not been answered yet');
    return this.#local;
  }

  /** Takes the viewer's end and finds our own. */
  async answer(
    remote: RemoteTransport,
    options: { slowCandidates: boolean; listensEverywhere: { port: number } | null },
  ): Promise<void> {
    const { slowCandidates, listensEverywhere } = options;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, slowCandidates ? serverCandidatesMs : hostCandidatesMs);
      this.#gathered = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#connection?.setRemoteDescription(writeTransportOffer(remote), 'offer');
    });
    this.#gathered = null;
    const description = this.#closed ? null : this.#connection?.localDescription();
    if (!description) throw new Error('the transport closed before it was answered');
    const local = readTransportAnswer(description.sdp);
    // libjuice gathers no link-local address, though its socket listens on all of them.
    const missing = listensEverywhere ? missingCandidates(local.candidates, listensEverywhere) : [];
    this.#local = { ...local, candidates: [...local.candidates, ...missing] };
  }

  send(packet: Buffer): void {
    if (!this.#open) return;
    try {
      this.#track?.sendMessageBinary(packet);
    } catch {
      // The viewer went between two packets; the state change that says so is on its way.
      this.#open = false;
    }
  }

  addRemoteCandidate(candidate: string): void {
    if (!this.#closed) this.#connection?.addRemoteCandidate(candidate, transportMid);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#open = false;
    this.#events = null;
    this.#gathered?.();
    this.#track?.close();
    this.#connection?.close();
  }

  #stateChanged(state: string): void {
    if (state === 'closed') {
      this.#end('closed');
      this.#connection = null;
      this.#releaseIfDone();
    } else if (state === 'failed') this.#end('failed');
    else if (state === 'disconnected') this.#end('closed');
  }

  #end(how: 'closed' | 'failed'): void {
    this.#open = false;
    const events = this.#events;
    this.#events = null;
    events?.ended(how);
  }

  #localCandidate(candidate: string): void {
    if (this.#local && !this.#local.complete) this.#events?.localCandidate(candidate.replace(/^a=/, ''));
  }

  #gatheringDone(): void {
    this.#gathered?.();
    if (this.#local && !this.#local.complete) this.#events?.localCandidate(null);
  }

  #releaseIfDone(): void {
    if (this.#connection !== null || this.#track !== null) return;
    this.#onReleased?.();
    this.#onReleased = null;
    this.#local = null;
  }
}
