import type { BroadcastState } from './broadcast-state.ts';
import type { IssueReport } from './issue-reports.ts';
import type { Problem } from './problem.ts';
import type { QualityReason, VideoQuality } from './quality.ts';
import type { TelemetryReading } from './telemetry.ts';

/** Why a broadcast was over (nova.md, `stream_ended`). */
export type EndReason = 'broadcaster_ended' | 'connection_lost' | 'session_timeout' | 'error';

/** How the broadcast stands, in one value: what every surface is rendered from. */
export interface BroadcastSnapshot {
  state: BroadcastState;
  /** ISO 8601; of the broadcast that is on air, kept while it is `retrying`. */
  startTime: string | null;
  reason: Problem | null;
}

/** Every event inside control, and what it carries. */
export type DomainEvents = {
  /** On each change of state or reason. */
  broadcastChanged: { previous: BroadcastSnapshot; current: BroadcastSnapshot };
  /** First pictures of a broadcast flow: it is live. */
  broadcastStarted: { startTime: string };
  /** It was live and is over for its viewers. */
  broadcastEnded: { startTime: string; durationSeconds: number; reason: EndReason };
  /** The box itself has to end it; `broadcastEnded` follows where it was live. */
  broadcastAborted: { reason: Problem };
  /** Pictures ceased in a broadcast that goes on. */
  broadcastInterrupted: { reason: Problem };
  /** Pictures are back in the same broadcast. */
  broadcastResumed: { startTime: string };
  /** No pictures for 60 s in a broadcast that goes on: Nova's viewers hear that it ended. */
  broadcastMissed: { startTime: string; durationSeconds: number; reason: EndReason };
  /** Pictures are back in a broadcast that was missed, after `broadcastResumed`. */
  broadcastReturned: { startTime: string };
  audienceChanged: { viewers: number; peak: number; max: number };
  /** Pictures and packets began or ceased to advance: the light's truth. */
  advancingChanged: { advancing: boolean };
  /** The encode takes more or less, since the viewers' links do. */
  bitrateFollowsViewers: { before: number; bitrateKbps: number };
  settingsChanged: { changed: readonly string[] };
  /** What is encoded changed during a broadcast, and why. */
  qualityChanged: { previous: VideoQuality; current: VideoQuality; reason: QualityReason };
  /** The encoder can't keep up: frames are being dropped ahead of it. */
  encoderOverrun: { framesPerSecond: number; wantedFramesPerSecond: number };
  telemetryChanged: TelemetryReading;
  /** A viewer complains. */
  issueReported: IssueReport;
};
