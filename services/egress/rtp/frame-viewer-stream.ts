import type { FrameStream, Peer, PeerFrames } from '../engine.ts';
import { encodeGoodbye } from '../rtcp/goodbye.ts';
import { senderReports } from '../rtcp/sender-report.ts';
import { type ChosenCodec, extensionUri } from '../sdp/codec-choice.ts';
import type { StreamLabels } from './viewer-stream.ts';

interface FrameViewerOptions {
  peer: Peer;
  frames: PeerFrames;
  labels: StreamLabels;
  video: ChosenCodec;
  audio: ChosenCodec | null;
  /** The viewer has fallen behind, and needs a key frame to go on. */
  skipped: () => void;
}

/** RFC 3711, 3.3.1: a first sequence number in the lower half spares the roll-over counter a wrong guess. */
const firstSequence = (): number => Math.floor(Math.random() * 2 ** 15);

/** One viewer of an engine that fans out by itself: what is left to do here is to label, report and repeat. */
export class FrameViewerStream {
  readonly #options: FrameViewerOptions;
  #started = false;

  constructor(options: FrameViewerOptions) {
    this.#options = options;
  }

  /** False until the viewer has been given a key frame to begin on. */
  get started(): boolean {
    return this.#started;
  }

  /** @param fromLastKeyFrame it is young enough to begin on */
  attach(fromLastKeyFrame: boolean): void {
    const { frames, labels, video, audio, skipped } = this.#options;
    const streams = {
      video: frameStream(video, labels.videoSsrc, labels.repeatSsrc),
      audio: audio && frameStream(audio, labels.audioSsrc, 0),
    };
    frames.attach(streams, fromLastKeyFrame, { skipped });
    this.#started = fromLastKeyFrame;
  }

  /** A key frame has come, and the engine begins on it. */
  begin(): void {
    this.#started = true;
  }

  repeat(sequences: number[]): void {
    this.#options.frames.resend(sequences);
  }

  /** Sends sender reports (RFC 3550, 6.4.1): the moment on the wall clock and on both streams' clocks. */
  report(wallClockMs: number, videoTimestamp: number, audioTimestamp: number): void {
    const { frames, peer, labels, audio } = this.#options;
    const { videoPackets, videoOctets, audioPackets, audioOctets } = frames.counts();
    for (const packet of senderReports({
      labels,
      wallClockMs,
      video: { rtpTimestamp: videoTimestamp, packets: videoPackets, octets: videoOctets },
      audio: audio && { rtpTimestamp: audioTimestamp, packets: audioPackets, octets: audioOctets },
    }))
      peer.send(packet);
  }

  /** The streams end; the viewer need not wait for more. */
  sayGoodbye(): void {
    const { peer, labels, audio } = this.#options;
    peer.send(encodeGoodbye(audio === null ? [labels.videoSsrc] : [labels.videoSsrc, labels.audioSsrc]));
  }
}

function frameStream(codec: ChosenCodec, ssrc: number, repeatSsrc: number): FrameStream {
  const { payloadType, repeatPayloadType, extensions } = codec;
  return {
    ssrc,
    firstSequence: firstSequence(),
    payloadType,
    repeat: repeatPayloadType === null ? null : { ssrc: repeatSsrc, payloadType: repeatPayloadType },
    extensions: {
      transportSequence: extensions.find(({ uri }) => uri === extensionUri.transportSequence)?.id ?? null,
      sendTime: extensions.find(({ uri }) => uri === extensionUri.sendTime)?.id ?? null,
    },
  };
}
