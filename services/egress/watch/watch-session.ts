import type { Clock } from '#core/domain/clock.ts';
import type { EgressEnd, SignalFromEgress } from '#core/protocol/link/egress-signal.ts';
import type { Fitness } from '../congestion/target-bitrate.ts';
import { ViewerLink } from '../congestion/viewer-link.ts';
import type { Engine, LocalIce, Peer, RemoteIce } from '../engine.ts';
import { parseFeedback } from '../rtcp/feedback-parser.ts';
import type { FanOut } from '../rtp/fan-out.ts';
import { FrameViewerStream } from '../rtp/frame-viewer-stream.ts';
import { ViewerStream } from '../rtp/viewer-stream.ts';
import { candidateSection, writeAnswer } from '../sdp/answer.ts';
import { usableCandidate } from '../sdp/candidate.ts';
import type { IceServerAddress } from '../sdp/ice-server.ts';
import { OfferError } from '../sdp/offer-error.ts';
import { readOffer, type ViewerOffer } from '../sdp/viewer-offer.ts';
import { Allowance } from './allowance.ts';
import {
  connectTimeoutMs,
  keyFrameRequests,
  maxCandidates,
  maxOffers,
  offerTimeoutMs,
  reportTimeoutMs,
} from './limits.ts';

/** What a session tells its owner. After the signal `ended` it says nothing more. */
export interface WatchSessionEvents {
  send(signal: SignalFromEgress): void;
  keyFrameNeeded(): void;
  lossReported(fraction: number): void;
  /** What is sent now. */
  targetKbps(): number;
}

interface Deps {
  id: string;
  userId: string;
  engine: Engine;
  fanOut: FanOut;
  iceServers: IceServerAddress[];
  clock: Clock;
  events: WatchSessionEvents;
}

/** One viewer, from watch_request to the end. */
export class WatchSession {
  readonly #deps: Deps;
  readonly id: string;
  readonly userId: string;
  #peer: Peer | null = null;
  #stream: ViewerStream | FrameViewerStream | null = null;
  #earlyCandidates: string[] = [];
  #candidates = 0;
  #offers = 0;
  #deadlineMs: number | null;
  #viewerLink: ViewerLink | null = null;
  #keyFramesOnly = false;
  #iceUfrag: string | null = null;
  #viewerIceUfrag: string | null = null;
  #connected = false;
  #ended = false;
  readonly #keyFrameRequests = new Allowance(keyFrameRequests);

  constructor(deps: Deps) {
    this.#deps = deps;
    this.id = deps.id;
    this.userId = deps.userId;
    this.#deadlineMs = this.#deps.clock.monotonicMs() + offerTimeoutMs;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Ours, by which the ICE session is told from the one before; null before the answer. */
  get iceUfrag(): string | null {
    return this.#iceUfrag;
  }

  get viewerIceUfrag(): string | null {
    return this.#viewerIceUfrag;
  }

  /** Answers an offer; a further one replaces the transport, as for a viewer that starts afresh. */
  async offer(sdp: string): Promise<void> {
    if (this.#ended) return;
    this.#offers += 1;
    const attempt = this.#offers;
    try {
      if (attempt > maxOffers) throw new OfferError(`More than ${maxOffers} offers for one session.`);
      const congestionControl = this.#deps.engine.frames !== undefined && this.#deps.iceServers.length === 0;
      const offer = readOffer(sdp, { congestionControl });
      this.#drop();
      // Asked for now, the key frame is there when the viewer is.
      if (!this.#deps.fanOut.hasKeyFrameReady) this.#deps.events.keyFrameNeeded();
      const peer = await this.#open(offer, attempt);
      if (this.#ended || attempt !== this.#offers) {
        peer.close();
        return;
      }
      if (peer.local.candidates.length === 0 && peer.local.complete) {
        peer.close();
        this.#end('unreachable', 'This box has no network address at which WebRTC could reach it.');
        return;
      }
      this.#peer = peer;
      this.#iceUfrag = peer.local.iceUfrag;
      this.#viewerIceUfrag = offer.transport.iceUfrag;
      this.#deadlineMs = this.#deps.clock.monotonicMs() + connectTimeoutMs;
      for (const candidate of this.#earlyCandidates.splice(0)) peer.addRemoteCandidate(candidate);
      const answer = writeAnswer(offer, peer.local, this.#deps.fanOut.labels);
      this.#deps.events.send({ kind: 'answer', sessionId: this.id, sdp: answer });
    } catch (error) {
      if (this.#ended || attempt !== this.#offers) return;
      if (error instanceof OfferError) this.#end('rejected', error.message);
      else this.#end('error', 'The offer could not be answered: the WebRTC engine failed. Try again.');
    }
  }

  addCandidate(text: string): void {
    if (this.#ended || this.#candidates >= maxCandidates) return;
    this.#candidates += 1;
    const candidate = usableCandidate(text);
    if (candidate === null) return;
    if (this.#peer) this.#peer.addRemoteCandidate(candidate);
    else this.#earlyCandidates.push(candidate);
  }

  /** @returns our end of the new ICE session; null where there is none, and the former one goes on */
  restartIce({ iceUfrag, icePwd, candidates }: RemoteIce): LocalIce | null {
    if (this.#ended || !this.#connected) return null;
    const usable = candidates.map(usableCandidate).filter((candidate) => candidate !== null);
    const local = this.#peer?.restartIce?.({ iceUfrag, icePwd, candidates: usable }) ?? null;
    if (local === null) return null;
    this.#iceUfrag = local.iceUfrag;
    this.#viewerIceUfrag = iceUfrag;
    this.#candidates = 0;
    return local;
  }

  /** Ends the session if what it waits for has not come: the offer, the connection, the next report. */
  checkDeadline(): void {
    if (this.#deadlineMs === null || this.#deps.clock.monotonicMs() < this.#deadlineMs) return;
    const message = this.#connected
      ? 'The viewer has not been heard of for 12 seconds.'
      : this.#peer
        ? 'The viewer did not connect within 15 seconds.'
        : 'No offer came within 30 seconds.';
    this.#end('timeout', message);
  }

  /** What the viewer's link takes; null where nothing is known of it. */
  get estimateKbps(): number | null {
    return this.#viewerLink?.estimateKbps(this.#deps.clock.monotonicMs()) ?? null;
  }

  /** The viewer can, can't, or for too long could not take the stream. */
  adapt(fitness: Fitness): void {
    if (fitness === 'ended') {
      this.#end('closed', "The viewer's network is too slow for this stream by WebRTC; LL-HLS works.");
      return;
    }
    const only = fitness === 'key-frames';
    if (only === this.#keyFramesOnly) return;
    this.#keyFramesOnly = only;
    this.#peer?.frames?.keyFramesOnly(only);
  }

  /** Ends the session: the box has more viewers than it can serve. */
  shed(message: string): void {
    this.#end('full', message);
  }

  /** Ends the session without telling its owner. */
  close(): void {
    this.#ended = true;
    this.#drop();
  }

  async #open(offer: ViewerOffer, attempt: number): Promise<Peer> {
    const current = (): boolean => !this.#ended && attempt === this.#offers;
    const { sdpMid, sdpMLineIndex } = candidateSection(offer);
    return this.#deps.engine.open(offer.transport, this.#deps.iceServers, {
      localCandidate: (candidate) => {
        if (!current()) return;
        const found = candidate === null ? null : { candidate, sdpMid, sdpMLineIndex };
        this.#deps.events.send({ kind: 'candidate', sessionId: this.id, candidate: found });
      },
      connected: () => {
        if (current()) this.#begin(offer);
      },
      ended: (how) => {
        if (!current()) return;
        if (how === 'closed')
          this.#end('closed', 'The viewer closed the connection, or its network is gone.');
        else this.#end('error', 'The connection to the viewer failed.');
      },
      rtcp: (packet) => {
        if (current()) this.#heard(packet);
      },
    });
  }

  #begin(offer: ViewerOffer): void {
    const peer = this.#peer;
    if (peer === null || this.#stream) return;
    this.#connected = true;
    this.#deadlineMs = null;
    this.#viewerLink = new ViewerLink();
    this.#keyFramesOnly = false;
    this.#stream = this.#addStream(peer, offer);
    if (!this.#stream.started) this.#deps.events.keyFrameNeeded();
    this.#deps.events.send({ kind: 'connected', sessionId: this.id, userId: this.userId });
  }

  #addStream(peer: Peer, { video, audio }: ViewerOffer): ViewerStream | FrameViewerStream {
    const { ring, labels } = this.#deps.fanOut;
    if (peer.frames) {
      const skipped = (): void => this.#deps.events.keyFrameNeeded();
      const stream = new FrameViewerStream({ peer, frames: peer.frames, labels, video, audio, skipped });
      this.#deps.fanOut.addFrameViewer(stream);
      return stream;
    }
    const send = (packet: Buffer): void => peer.send(packet);
    const stream = new ViewerStream({ ring, labels, video, audio, send });
    this.#deps.fanOut.add(stream);
    return stream;
  }

  #heard(packet: Buffer): void {
    this.#deadlineMs = this.#deps.clock.monotonicMs() + reportTimeoutMs;
    const { videoSsrc } = this.#deps.fanOut.labels;
    const missing: number[] = [];
    const link = this.#viewerLink;
    const peer = this.#peer;
    const nowMs = this.#deps.clock.monotonicMs();
    const targetKbps = this.#deps.events.targetKbps();
    parseFeedback(packet, {
      pictureLost: (ssrc) => {
        if (ssrc === videoSsrc && this.#keyFrameRequests.take(nowMs)) this.#deps.events.keyFrameNeeded();
      },
      packetMissing: (ssrc, sequence) => {
        if (ssrc === videoSsrc) missing.push(sequence);
      },
      lossReported: (ssrc, lossRatio, lastReport, delay) => {
        if (ssrc !== videoSsrc) return;
        this.#deps.events.lossReported(lossRatio);
        const wallClockMs = this.#deps.fanOut.wallClockMs();
        link?.receiverReport({ lossRatio, lastReport, delay }, { wallClockMs, nowMs, targetKbps });
      },
      transportFeedback: (feedback) => {
        if (peer?.frames) link?.transportFeedback(feedback, peer.frames, nowMs, targetKbps);
      },
      receiverEstimate: (kbps) => link?.receiverEstimate(kbps, nowMs),
    });
    if (missing.length > 0) this.#stream?.repeat(missing);
  }

  #end(reason: EgressEnd, message: string | null): void {
    if (this.#ended) return;
    this.close();
    this.#deps.events.send({ kind: 'ended', sessionId: this.id, userId: this.userId, reason, message });
  }

  #drop(): void {
    if (this.#stream) {
      this.#deps.fanOut.remove(this.#stream);
      this.#stream.sayGoodbye();
    }
    this.#stream = null;
    this.#viewerLink = null;
    this.#connected = false;
    this.#peer?.close();
    this.#peer = null;
  }
}
