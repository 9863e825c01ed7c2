import type { BroadcastDirector } from '#control/broadcast/broadcast-director.ts';
import type { Broadcast } from '#control/domain/broadcast.ts';
import type { BroadcastSnapshot } from '#core/domain/events.ts';
import type { StreamQuality, VideoQuality } from '#core/domain/quality.ts';
import type { Settings } from '#core/domain/settings.ts';

/** What Nova tells of the stream, in the domain's words. */
export interface StreamFacts {
  streamId: string;
  broadcasterId: string;
  broadcasterName: string;
  title: string;
  description: string;
  /** What is encoded, else what is set. */
  quality: VideoQuality;
  /** What the broadcast began with. */
  initialQuality: VideoQuality;
  /** How long pictures have flowed. */
  durationMs: number;
  /** What is set: the health bands are shares of it. */
  maxBitrateKbps: number;
  /** Over the last 2 s; null while nothing runs. */
  measuredBitrateKbps: number | null;
  broadcast: BroadcastSnapshot;
}

/** Reads the facts afresh at each call. */
export function streamFactsFrom(sources: {
  settings: () => Settings;
  director: Pick<BroadcastDirector, 'format' | 'measuredBitrateKbps'>;
  broadcast: Pick<Broadcast, 'snapshot' | 'durationMs' | 'missed'>;
  quality: Pick<StreamQuality, 'initial'>;
}): () => StreamFacts {
  return () => {
    const { device, broadcast, video } = sources.settings();
    const { missed, snapshot } = sources.broadcast;
    return {
      streamId: broadcast.streamId,
      broadcasterId: device.id,
      broadcasterName: device.name,
      title: broadcast.title,
      description: broadcast.description,
      quality: sources.director.format ?? video,
      initialQuality: sources.quality.initial ?? sources.director.format ?? video,
      durationMs: sources.broadcast.durationMs,
      maxBitrateKbps: video.bitrateKbps,
      measuredBitrateKbps: sources.director.measuredBitrateKbps,
      // For Nova's viewers a broadcast that is missed has ended, and starts when its pictures return.
      broadcast: missed ? { ...snapshot, startTime: null } : snapshot,
    };
  };
}
