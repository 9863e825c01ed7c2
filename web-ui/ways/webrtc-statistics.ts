import { type FrameTimes, type ReceiveCounters, webrtcDelay } from '../player/delay-estimate.ts';
import type { Measure } from './measure.ts';

/** A picture that moves shows a new frame long before. */
const frameTimeoutMs = 300;
/**
 * Who joins gets the pictures since the last key frame at once. The browser counts over a second, we from one look to the
 * next, about a second later: so long these rates tell of that burst and not of the broadcast.
 */
const burstMs = 2_000;

interface Moment extends ReceiveCounters {
  atMs: number;
  bytes: number;
  keyFrames: number;
}

/** Figures of a WebRTC session, from one measurement to the next. */
export class WebrtcStatistics {
  readonly #connection: RTCPeerConnection;
  readonly #video: HTMLVideoElement;
  #before: Moment | null = null;
  /** The last moment at which nothing was decoded yet. */
  #emptyAtMs: number | null = null;

  constructor(connection: RTCPeerConnection, video: HTMLVideoElement) {
    this.#connection = connection;
    this.#video = video;
  }

  async measure(): Promise<Omit<Measure, 'sound'>> {
    const [report, frame] = await Promise.all([this.#connection.getStats(), nextFrame(this.#video)]);
    let video: RTCInboundRtpStreamStats | null = null;
    let bytes = 0;
    let roundTripSeconds: number | null = null;
    let senderReport: { sentMs: number; cameMs: number } | null = null;
    for (const entry of report.values()) {
      if (entry.type === 'inbound-rtp') {
        bytes += entry.bytesReceived ?? 0;
        if (entry.kind === 'video') video = entry;
      } else if (entry.type === 'remote-outbound-rtp' && entry.kind === 'video') {
        if (entry.remoteTimestamp) senderReport = { sentMs: entry.remoteTimestamp, cameMs: entry.timestamp };
      } else if (entry.type === 'candidate-pair' && entry.nominated) {
        roundTripSeconds = entry.currentRoundTripTime ?? null;
      }
    }
    if (video === null) return { framesPerSecond: null, bitrateKbps: null, delay: null };
    const now: Moment = {
      atMs: video.timestamp,
      bytes,
      jitterBufferDelaySeconds: video.jitterBufferDelay ?? 0,
      jitterBufferEmittedCount: video.jitterBufferEmittedCount ?? 0,
      decodeSeconds: video.totalDecodeTime ?? 0,
      framesDecoded: video.framesDecoded ?? 0,
      keyFrames: video.keyFramesDecoded ?? 0,
    };
    const before = this.#before;
    this.#before = now;
    if (now.framesDecoded === 0 || this.#emptyAtMs === null) this.#emptyAtMs = now.atMs;
    const isSteady = now.atMs >= this.#emptyAtMs + burstMs;
    return {
      framesPerSecond: isSteady ? (video.framesPerSecond ?? null) : null,
      bitrateKbps: isSteady && before && now.atMs > before.atMs ? rateKbps(before, now) : null,
      delay: webrtcDelay({
        frame,
        before,
        now,
        roundTripSeconds,
        sender: {
          playoutNtpMs: video.estimatedPlayoutTimestamp,
          askedAtMs: video.timestamp,
          report: senderReport,
          roundTripSeconds,
        },
      }),
      keyFramesOnly: before !== null && showsKeyFramesOnly(before, now),
      packetsLost: video.packetsLost ?? 0,
      jitterMs: (video.jitter ?? 0) * 1000,
      roundTripMs: roundTripSeconds === null ? null : roundTripSeconds * 1000,
    };
  }
}

/** The box sends key frames alone to a link that can't take the floor: about one picture a second, and no other. */
export function showsKeyFramesOnly(
  before: Pick<Moment, 'framesDecoded' | 'keyFrames'>,
  now: Pick<Moment, 'framesDecoded' | 'keyFrames'>,
): boolean {
  const frames = now.framesDecoded - before.framesDecoded;
  return frames > 0 && frames === now.keyFrames - before.keyFrames;
}

function rateKbps(before: Moment, now: Moment): number {
  return ((now.bytes - before.bytes) * 8) / (now.atMs - before.atMs);
}

/** The times of the next picture shown; null where the browser doesn't tell, or none comes. */
function nextFrame(video: HTMLVideoElement): Promise<FrameTimes | null> {
  return new Promise((resolve) => {
    if (!('requestVideoFrameCallback' in video)) return resolve(null);
    const timer = setTimeout(() => resolve(null), frameTimeoutMs);
    video.requestVideoFrameCallback((_now, times) => {
      clearTimeout(timer);
      resolve(times);
    });
  });
}
