import { browserOf, systemOf } from '../page/browser-name.ts';
import type { Delay } from '../player/delay-estimate.ts';
import type { Stalls } from '../player/stall-watch.ts';
import type { Way, WayChoice } from '../player/way-chooser.ts';
import type { Measure } from '../ways/measure.ts';

/** How watching goes just now, as the player itself knows it. */
export interface PlayerFacts {
  way: Way | null;
  choice: WayChoice;
  measure: Measure | null;
  delay: Delay | null;
  stalls: Stalls;
  video: HTMLVideoElement;
}

/** Nova's `client_info` (nova.md, "report_issue"). */
export interface ClientInfo {
  player: string;
  browser: string;
  os: string;
  network: string;
  bandwidth_estimate_kbps: number;
}

/** What a browser tells of itself and its network; the newer parts not in every one. */
export interface Browser {
  userAgent: string;
  connection?: { type?: string; effectiveType?: string };
}

/** @param bandwidthKbps what came over the last second, which is the least that the network can do */
export function clientInfo(browser: Browser, way: Way | null, bandwidthKbps: number | null): ClientInfo {
  const { connection, userAgent } = browser;
  const known = browserOf(userAgent);
  return {
    player: `Onair page, ${way === null ? 'no picture' : { webrtc: 'WebRTC', hls: 'LL-HLS' }[way]}`,
    browser: known ? `${known.name} ${known.version}` : 'unknown',
    os: systemOf(userAgent) ?? 'unknown',
    network: connection?.type ?? connection?.effectiveType ?? 'unknown',
    bandwidth_estimate_kbps: Math.max(0, Math.round(bandwidthKbps ?? 0)),
  };
}

/** The figures in one line, for whoever looks after the box. */
export function factsText({ way, choice, measure, delay, stalls, video }: PlayerFacts): string {
  const { totalVideoFrames = 0, droppedVideoFrames = 0 } = video.getVideoPlaybackQuality?.() ?? {};
  const parts = [
    `way ${way ?? 'none'} (${choice})`,
    `${video.videoWidth}x${video.videoHeight}`,
    measure?.framesPerSecond == null ? null : `${measure.framesPerSecond.toFixed(1)} fps`,
    measure?.bitrateKbps == null ? null : `${Math.round(measure.bitrateKbps)} kbit/s`,
    measure?.packetsLost == null ? null : `${measure.packetsLost} packets lost`,
    measure?.jitterMs == null ? null : `jitter ${Math.round(measure.jitterMs)} ms`,
    measure?.roundTripMs == null ? null : `round trip ${Math.round(measure.roundTripMs)} ms`,
    delay === null ? null : `delay ${Math.round(delay.ms)} ms since ${delay.basis}`,
    `${stalls.count} stalls, ${Math.round(stalls.stillMs)} ms still in the last minute`,
    `${droppedVideoFrames} of ${totalVideoFrames} frames dropped`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** How bad it was, by the player's own figures. */
export function severityOf({ count, stillMs }: Stalls): 'low' | 'medium' | 'high' {
  if (stillMs >= 10_000 || count >= 10) return 'high';
  return stillMs >= 2_000 || count >= 3 ? 'medium' : 'low';
}
