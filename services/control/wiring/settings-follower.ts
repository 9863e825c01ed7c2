import type { Settings } from '#core/domain/settings.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Admissions } from '../access/admissions.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import type { Audience } from '../domain/audience.ts';
import type { HlsSettings } from '../hls/hls-settings.ts';
import type { HlsOrigin } from '../hls/origin.ts';
import type { Hub } from '../hub/hub.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Lan } from '../network/lan.ts';
import type { SettingsStore } from '../settings/settings-store.ts';

/** What the origin of LL-HLS is to know of the settings. */
export function hlsSettingsOf({ hls, video }: Settings): HlsSettings {
  const { keyFrameIntervalSeconds, framesPerSecond } = video;
  return { ...hls, keyFrameIntervalSeconds, framesPerSecond };
}

/** Hands every change of the settings to the parts that go by them, while they run. */
export function followSettings(options: {
  settingsStore: Pick<SettingsStore, 'current' | 'events'>;
  admissions: Admissions;
  audience: Audience;
  hls: HlsOrigin;
  director: BroadcastDirector;
  ingest: Ingest;
  hub: Hub;
  lan: Lan;
  announce: () => void;
  logger: Logger;
}): void {
  const { settingsStore, admissions, audience, hls, director, ingest, hub, lan, announce, logger } = options;
  const shareCaches = (): void => hls.shareCaches(settingsStore.current.viewing.access === 'open');
  shareCaches();
  audience.setMaxPerAddress(settingsStore.current.viewing.maxPerAddress);
  settingsStore.events.on('settingsChanged', ({ changed }) => {
    logger.info({ changed }, 'settings changed');
    if (changed.some((key) => key.startsWith('viewing.'))) {
      shareCaches();
      admissions.review();
      const ofPin = changed.includes('viewing.access') || changed.includes('viewing.pin');
      if (ofPin && settingsStore.current.viewing.access === 'pin') audience.forgetHls();
    }
    audience.setMax(settingsStore.current.viewing.maxViewers);
    audience.setMaxPerAddress(settingsStore.current.viewing.maxPerAddress);
    hls.reconfigure(hlsSettingsOf(settingsStore.current));
    director.applySettings();
    ingest.configure();
    hub.applySettings();
    lan.applySettings(changed).catch((error) => {
      logger.error({ err: error }, 'the network could not follow a change of the settings');
    });
    announce();
    // Another store means another hub: starting afresh is simplest, and takes nothing from viewers.
    if (changed.includes('hub.redisUrl')) process.kill(process.pid, 'SIGTERM');
  });
}
