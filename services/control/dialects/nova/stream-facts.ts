import type { BroadcastDirector } from '#control/broadcast/broadcast-director.ts';
import type { Broadcast } from '#control/domain/broadcast.ts';
import type { BroadcastSnapshot } from '#core/domain/events.ts';
import type { VideoQuality } from '#core/domain/quality.ts';
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
  broadcast: Pick<Broadcast, 'snapshot'>;
}): () => StreamFacts {
  return () => {
    const { device, broadcast, video } = sources.settings();
    return {
      streamId: broadcast.streamId,
      broadcasterId: device.id,
      broadcasterName: device.name,
      title: broadcast.title,
      description: broadcast.description,
      quality: sources.director.format ?? video,
      maxBitrateKbps: video.bitrateKbps,
      measuredBitrateKbps: sources.director.measuredBitrateKbps,
      broadcast: sources.broadcast.snapshot,
    };
  };
}
