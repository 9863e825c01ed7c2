import type { Audience } from '#control/domain/audience.ts';
import type { BroadcastSnapshot, EndReason } from '#core/domain/events.ts';
import {
  bitrateHealthOf,
  type QualityReason,
  qualityLabel,
  type VideoQuality,
} from '#core/domain/quality.ts';
import type { ServerToClient } from '#core/protocol/nova.ts';
import type { StreamFacts } from './stream-facts.ts';

/** Text that is encoded once for all receivers. */
export function encode(message: ServerToClient): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** ISO 8601 in UTC. */
export function isoTime(nowMs: number): string {
  return new Date(nowMs).toISOString();
}

/** Null unless a broadcast has begun and is not over; one that is interrupted goes on. */
export function streamStarted(facts: StreamFacts): ServerToClient | null {
  const { startTime } = facts.broadcast;
  if (startTime === null) return null;
  return {
    event: 'stream_started',
    data: {
      stream_id: facts.streamId,
      broadcaster_id: facts.broadcasterId,
      title: facts.title,
      description: facts.description,
      quality: qualityLabel(facts.initialQuality),
      fps: facts.initialQuality.framesPerSecond,
      bitrate_kbps: facts.initialQuality.bitrateKbps,
      timestamp: startTime,
    },
  };
}

export function streamEnded(
  facts: StreamFacts,
  audience: Pick<Audience, 'viewers' | 'peak'>,
  ended: { durationSeconds: number; reason: EndReason },
  nowMs: number,
): ServerToClient {
  return {
    event: 'stream_ended',
    data: {
      stream_id: facts.streamId,
      duration_seconds: ended.durationSeconds,
      peak_viewers: audience.peak,
      final_viewer_count: audience.viewers,
      reason: ended.reason,
      timestamp: isoTime(nowMs),
    },
  };
}

export function qualityChanged(
  facts: StreamFacts,
  change: { previous: VideoQuality; current: VideoQuality; reason: QualityReason },
  nowMs: number,
): ServerToClient {
  const { previous, current, reason } = change;
  return {
    event: 'quality_changed',
    data: {
      stream_id: facts.streamId,
      previous_quality: qualityLabel(previous),
      new_quality: qualityLabel(current),
      previous_bitrate_kbps: previous.bitrateKbps,
      new_bitrate_kbps: current.bitrateKbps,
      fps: current.framesPerSecond,
      reason,
      timestamp: isoTime(nowMs),
    },
  };
}

/** Null unless pictures flow and their rate has been measured. */
export function bitrateUpdate(facts: StreamFacts, nowMs: number): ServerToClient | null {
  const { measuredBitrateKbps, maxBitrateKbps, broadcast, quality } = facts;
  if (broadcast.state !== 'live' || measuredBitrateKbps === null) return null;
  return {
    event: 'bitrate_update',
    data: {
      stream_id: facts.streamId,
      current_bitrate_kbps: Math.round(measuredBitrateKbps),
      quality: qualityLabel(quality),
      health: bitrateHealthOf(measuredBitrateKbps, maxBitrateKbps),
      timestamp: isoTime(nowMs),
    },
  };
}

export function streamInfo(
  facts: StreamFacts,
  audience: Pick<Audience, 'viewers' | 'peak'>,
  requestId: string,
  nowMs: number,
): ServerToClient {
  return {
    event: 'stream_info',
    data: {
      request_id: requestId,
      stream_id: facts.streamId,
      status: statusOf(facts.broadcast),
      viewer_count: audience.viewers,
      peak_viewers: audience.peak,
      quality: qualityLabel(facts.quality),
      bitrate_kbps: facts.quality.bitrateKbps,
      fps: facts.quality.framesPerSecond,
      duration_seconds: Math.round(facts.durationMs / 1000),
      broadcaster_name: facts.broadcasterName,
      timestamp: isoTime(nowMs),
    },
  };
}

function statusOf({
  state,
  startTime,
}: BroadcastSnapshot): 'offline' | 'starting' | 'active' | 'interrupted' {
  if (state === 'live') return 'active';
  if (state === 'retrying') return startTime === null ? 'starting' : 'interrupted';
  return state === 'starting' ? 'starting' : 'offline';
}
