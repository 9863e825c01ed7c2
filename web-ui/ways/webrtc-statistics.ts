import { delaySince, type ReceiveCounters, transitDelay, unixFromNtpMs } from '../player/delay-estimate.ts';
import type { Measure } from './measure.ts';

interface Moment extends ReceiveCounters {
  atMs: number;
  bytes: number;
}

/** `estimatedPlayoutTimestamp` and the timings are newer than TypeScript's own list. */
interface InboundVideo extends RTCInboundRtpStreamStats {
  estimatedPlayoutTimestamp?: number;
}

/** Figures of a WebRTC session, from one measurement to the next. */
export class WebrtcStatistics {
  readonly #connection: RTCPeerConnection;
  #before: Moment | null = null;

  constructor(connection: RTCPeerConnection) {
    this.#connection = connection;
  }

  async measure(serverNowMs: number | null): Promise<Omit<Measure, 'sound'>> {
    const askedAtMs = performance.now();
    const report = await this.#connection.getStats();
    let video: InboundVideo | null = null;
    let bytes = 0;
    let roundTripSeconds: number | null = null;
    for (const entry of report.values()) {
      if (entry.type === 'inbound-rtp') {
        bytes += entry.bytesReceived ?? 0;
        if (entry.kind === 'video') video = entry;
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
    };
    const before = this.#before;
    this.#before = now;
    const playout = video.estimatedPlayoutTimestamp;
    const statisticsTookMs = performance.now() - askedAtMs;
    return {
      framesPerSecond: video.framesPerSecond ?? null,
      bitrateKbps: before && now.atMs > before.atMs ? rateKbps(before, now) : null,
      delay:
        delaySince(
          'sent',
          playout === undefined ? null : unixFromNtpMs(playout),
          serverNowMs === null ? null : serverNowMs + statisticsTookMs / 2,
        ) ??
        (before && transitDelay(before, now, roundTripSeconds)),
    };
  }
}

function rateKbps(before: Moment, now: Moment): number {
  return ((now.bytes - before.bytes) * 8) / (now.atMs - before.atMs);
}
