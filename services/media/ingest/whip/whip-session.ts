import { networkInterfaces } from 'node:os';
import {
  type MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCRtpTransceiver,
  RtcpSrPacket,
  type RtpPacket,
  useSdesMid,
  useTransportWideCC,
} from 'werift';
import type { Problem } from '#core/domain/problem.ts';
import { closeNotify } from '#core/runtime/dtls-close-notify.ts';
import type { Publication, Publisher } from '../publication.ts';
import { publisherSilentMs } from '../publisher-silence.ts';
import type { PacketTrack, PictureCodec } from '../stream-protocol.ts';
import { completeAnswer } from './answer.ts';
import { requireIcePassword, setIceCredentials } from './checked-ice.ts';
import { KeyFrames } from './key-frames.ts';
import { OfferRefusal, type ReducedOffer, reduceOffer } from './offer.ts';
import { PacketOrder } from './packet-order.ts';

export type WhipRefusal = OfferRefusal['refusal'] | 'busy';

/** From the answer to the first packet; after `graceMs` another publisher may take the place. */
const connectMs = 15_000;
const graceMs = 4_000;
/** While a key frame is needed, it is asked for so often. */
const askAgainMs = 500;
/** What was broken on the way and is not known to be is whole again after this time. */
const wholeAgainMs = 10_000;
/** Pictures that are lost are sent again on request; sound is not, and only overtakes itself. */
const patienceMs = { video: 200, audio: 60 };

const codecs = {
  video: ['video/H264', 'video/VP8'].map(
    (mimeType) => new RTCRtpCodecParameters({ mimeType, clockRate: 90_000 }),
  ),
  audio: [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 })],
};

/**
 * One publisher by WHIP: WebRTC up to the RTP packets, which the source process takes apart. Receiver reports, requests to
 * send lost packets again and transport-wide feedback, by which browsers find their bitrate, are werift's.
 */
export class WhipSession implements Publisher {
  readonly address: string;
  readonly #publication: Publication;
  readonly #onEnd: () => void;
  readonly #connection: RTCPeerConnection;
  #deadline: NodeJS.Timeout | null = null;
  #askedMs = Number.NEGATIVE_INFINITY;
  #keyFrameMs = 0;
  #needsKeyFrame = true;
  /** Nothing before the next key frame can be decoded. */
  #isBroken = true;
  #hasSent = false;
  #admittedMs = Number.POSITIVE_INFINITY;
  #ended = false;

  constructor(options: { publication: Publication; address: string; onEnd: () => void }) {
    this.address = options.address;
    this.#publication = options.publication;
    this.#onEnd = options.onEnd;
    this.#connection = new RTCPeerConnection({
      iceServers: [],
      // The publisher finds the box by its own checks, and none is sent to an address that a publisher names.
      iceLite: true,
      bundlePolicy: 'max-bundle',
      codecs,
      headerExtensions: { video: [useSdesMid(), useTransportWideCC()], audio: [useSdesMid()] },
      iceAdditionalHostAddresses: ownNearAddresses(),
    });
  }

  /** @returns the answer with all candidates, or why there is none; it is over then */
  async answer(offer: string): Promise<{ sdp: string } | { refusal: WhipRefusal }> {
    if (this.#publication.isBusy) return this.#turnAway();
    const connection = this.#connection;
    let reduced: ReducedOffer;
    try {
      reduced = reduceOffer(offer);
      const { tracks } = reduced;
      connection.onRemoteTransceiverAdded.subscribe((transceiver) => {
        transceiver.setDirection('recvonly');
        transceiver.onTrack.subscribe((track) => this.#take(track, transceiver, tracks));
      });
      connection.connectionStateChange.subscribe((state) => {
        if (state === 'failed' || state === 'closed' || state === 'disconnected') this.close();
      });
      await connection.setRemoteDescription({ type: 'offer', sdp: reduced.sdp });
      // As a server werift misses a hello that comes as soon as ICE is done.
      const [transport] = connection.dtlsTransports;
      if (!transport) throw new OfferRefusal('malformed');
      transport.role = /^a=setup:active/m.test(offer) ? 'server' : 'client';
      setIceCredentials(transport);
      await connection.setLocalDescription(await connection.createAnswer());
      requireIcePassword(transport);
    } catch (error) {
      this.close();
      return { refusal: error instanceof OfferRefusal ? error.refusal : 'malformed' };
    }
    if (this.#ended) return { refusal: 'malformed' };
    if (this.#publication.admit(this, { form: 'packets', tracks: reduced.tracks }) !== null)
      return this.#refuse('busy');
    this.#admittedMs = performance.now();
    this.#watch(connectMs);
    return { sdp: completeAnswer(connection.localDescription?.sdp ?? '', reduced) };
  }

  get isIdle(): boolean {
    return !this.#hasSent && performance.now() - this.#admittedMs > graceMs;
  }

  requestKeyFrame(): void {
    this.#needsKeyFrame = true;
  }

  end(_reason: Problem): void {
    this.close();
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#deadline) clearTimeout(this.#deadline);
    void this.#release();
    this.#publication.leave(this);
    this.#onEnd();
  }

  async #release(): Promise<void> {
    const [transport] = this.#connection.dtlsTransports;
    if (transport?.state === 'connected') await closeNotify(transport);
    await this.#connection.close().catch(() => {}); // it is over either way
  }

  #turnAway(): { refusal: WhipRefusal } {
    this.#publication.turnAway('publisher-second', this.address);
    return this.#refuse('busy');
  }

  #refuse(refusal: WhipRefusal): { refusal: WhipRefusal } {
    this.close();
    return { refusal };
  }

  #take(track: MediaStreamTrack, transceiver: RTCRtpTransceiver, tracks: readonly PacketTrack[]): void {
    const wanted = tracks.find(({ media }) => media === track.kind);
    if (!wanted) return;
    const order = new PacketOrder<RtpPacket>({ patienceMs: patienceMs[wanted.media] });
    const keyFrames = new KeyFrames({
      codec: wanted.codec as PictureCodec,
      hasParameters: wanted.parameterSets !== undefined,
    });
    track.onReceiveRtcp.subscribe((report) => {
      if (this.#ended || !(report instanceof RtcpSrPacket)) return;
      const { ntpTimestamp, rtpTimestamp } = report.senderInfo;
      // 32.32 bits of seconds. Only differences count, so that the epoch does not matter.
      this.#publication.senderTime(
        wanted.payloadType,
        rtpTimestamp,
        (Number(ntpTimestamp) / 2 ** 32) * 1_000,
      );
    });
    track.onReceiveRtp.subscribe((packet) => {
      if (this.#ended || packet.header.payloadType !== wanted.payloadType) return;
      this.#hasSent = true;
      this.#watch(publisherSilentMs);
      this.#publication.heard();
      const { ready, lost } = order.take(packet.header.sequenceNumber, packet, performance.now());
      if (wanted.media === 'audio') for (const each of ready) this.#pass(each, false);
      else {
        if (lost) this.#break(keyFrames);
        for (const each of ready) this.#passPicture(each, keyFrames);
        this.#askForKeyFrame(packet.header.ssrc, transceiver);
      }
    });
  }

  /** What follows a loss would be shown as a broken picture. */
  #break(keyFrames: KeyFrames): void {
    keyFrames.lose();
    this.#isBroken = true;
    this.#needsKeyFrame = true;
    this.#publication.interrupt();
  }

  #passPicture(packet: RtpPacket, keyFrames: KeyFrames): void {
    const begins = keyFrames.begins(packet.header.timestamp, packet.payload);
    if (begins) {
      this.#isBroken = false;
      this.#needsKeyFrame = false;
      this.#keyFrameMs = performance.now();
    }
    if (!this.#isBroken) this.#pass(packet, begins);
  }

  #pass(packet: RtpPacket, beginsKeyFrame: boolean): void {
    const payloadType = Buffer.from([packet.header.payloadType]);
    this.#publication.packet(Buffer.concat([payloadType, packet.serialize()]), beginsKeyFrame);
  }

  #askForKeyFrame(ssrc: number, transceiver: RTCRtpTransceiver): void {
    const nowMs = performance.now();
    const isDue = this.#needsKeyFrame || nowMs - this.#keyFrameMs > wholeAgainMs;
    if (!isDue || nowMs - this.#askedMs < askAgainMs) return;
    this.#askedMs = nowMs;
    transceiver.receiver.sendRtcpPLI(ssrc).catch(() => {}); // the state change says why
  }

  #watch(ms: number): void {
    if (this.#deadline) clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      this.#publication.turnAway('publisher-silent', this.address);
      this.close();
    }, ms);
  }
}

/** werift leaves loopback and link-local addresses out by itself. */
function ownNearAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.map(({ address }) => address).filter((address) => /^(169\.254\.|127\.)/.test(address));
}
