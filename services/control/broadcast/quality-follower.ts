import type { StreamQuality, VideoQuality } from '#core/domain/quality.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { EncoderLoad } from '../domain/encoder-load.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import type { BroadcastDirector } from './broadcast-director.ts';

/** A change of these is the broadcaster's own, once it shows in what is encoded. */
const qualityKeys: ReadonlySet<string> = new Set([
  'video.source',
  'video.width',
  'video.height',
  'video.framesPerSecond',
  'video.bitrateKbps',
  'video.rotate',
]);

/** Tells the domain what media really encodes and how well it keeps up. Starts after the director, whose news it reads. */
export function followQuality(options: {
  quality: StreamQuality;
  encoderLoad: EncoderLoad;
  broadcast: Broadcast;
  director: Pick<BroadcastDirector, 'format' | 'events'>;
  link: Pick<LinkHost, 'events'>;
  settingsStore: Pick<SettingsStore, 'events'>;
  settings: () => Settings;
}): void {
  const { quality, encoderLoad, broadcast, director, link, settingsStore, settings } = options;
  const current = (): VideoQuality => director.format ?? settings().video;
  broadcast.events.on('broadcastStarted', () => quality.begin(current()));
  broadcast.events.on('broadcastResumed', () => quality.resume(current()));
  broadcast.events.on('broadcastEnded', () => quality.end());
  broadcast.events.on('broadcastChanged', ({ current: { state } }) => {
    if (state !== 'live') encoderLoad.reset();
  });
  // Down since a link is too narrow; up since all of them take more again.
  director.events.on('bitrateFollowsViewers', ({ before, bitrateKbps }) =>
    quality.declareCause(bitrateKbps < before ? 'network_congestion' : 'adaptive_bitrate'),
  );
  settingsStore.events.on('settingsChanged', ({ changed }) => {
    if (changed.some((key) => qualityKeys.has(key))) quality.declareCause('broadcaster_changed');
  });
  link.events.on('media', (message) => {
    if (message.type === 'media_state') {
      quality.observe(director.format);
      if (message.payload.format === null) encoderLoad.reset(); // a new pipeline needs a moment
    } else if (message.type === 'media_progress' && broadcast.snapshot.state === 'live') {
      encoderLoad.observe({
        measured: message.payload.framesPerSecond,
        wanted: current().framesPerSecond,
      });
    }
  });
}
