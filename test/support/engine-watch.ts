import type { Engine, Peer, PeerEvents } from '#egress/engine.ts';
import { writeAnswer } from '#egress/sdp/answer.ts';
import { readOffer } from '#egress/sdp/viewer-offer.ts';
import { rtpPacket } from './rtp-packets.ts';
import { WebRtcViewer } from './webrtc-viewer.ts';

export const streams = {
  cname: 'onair',
  videoSsrc: 0xa1b2c3d4,
  audioSsrc: 0x0a0b0c0d,
  repeatSsrc: 0x0e0f1011,
};

/** Something to wait for that happens once. */
class Moment<Value> {
  readonly promise: Promise<Value>;
  happen: (value: Value) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve) => {
      this.happen = resolve;
    });
  }
}

/** A peer's events as something to wait for. */
export class Heard implements PeerEvents {
  readonly rtcpPackets: Buffer[] = [];
  readonly lateCandidates: (string | null)[] = [];
  readonly connection = new Moment<void>();
  readonly end = new Moment<'closed' | 'failed'>();
  readonly firstRtcp = new Moment<Buffer>();
  connections = 0;

  localCandidate(candidate: string | null): void {
    this.lateCandidates.push(candidate);
  }
  connected(): void {
    this.connections += 1;
    this.connection.happen();
  }
  ended(how: 'closed' | 'failed'): void {
    this.end.happen(how);
  }
  rtcp(packet: Buffer): void {
    this.rtcpPackets.push(packet);
    this.firstRtcp.happen(packet);
  }
}

interface Watching {
  viewer: WebRtcViewer;
  peer: Peer;
  heard: Heard;
  answer: string;
}

export async function watch(
  engine: Engine,
  options: ConstructorParameters<typeof WebRtcViewer>[0] = {},
): Promise<Watching> {
  const viewer = new WebRtcViewer(options);
  const heard = new Heard();
  // Without candidates: a viewer on libdatachannel can't take our checks before it has our answer.
  const sdp = await viewer.offer({ bare: true });
  const offer = readOffer(sdp);
  const peer = await engine.open(offer.transport, [], heard);
  const answer = writeAnswer(offer, peer.local, streams);
  viewer.accept(answer);
  return { viewer, peer, heard, answer };
}

export const picture = (sequence: number, options: { marker?: boolean; bytes?: number } = {}): Buffer =>
  rtpPacket(Buffer.alloc(options.bytes ?? 100, sequence), {
    ssrc: streams.videoSsrc,
    sequence,
    timestamp: 3_000 * sequence,
    payloadType: 102,
    marker: options.marker ?? false,
  });

/** Waits until the engine holds no peer any more. */
export async function released(engine: Engine): Promise<void> {
  const until = performance.now() + 10_000;
  while (engine.peers > 0) {
    if (performance.now() > until) throw new Error(`${engine.peers} peers are still there`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
