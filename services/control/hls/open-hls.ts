import { join } from 'node:path';
import type { Settings } from '#core/domain/settings.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { sequenceFile } from './hls-routes.ts';
import type { HlsSettings } from './hls-settings.ts';
import { HlsOrigin } from './origin.ts';

/** The origin of LL-HLS, as the settings have it. */
export function openHls(
  deps: Pick<ControlContext, 'paths' | 'logger'> & { settings: Pick<OpenSettings, 'current' | 'watch'> },
): HlsOrigin {
  const { paths, settings, logger } = deps;
  const hls = new HlsOrigin({
    settings: hlsSettingsOf(settings.current()),
    sequence: sequenceFile(join(paths.runtimeDirectory, 'media-sequence')),
    logger,
  });
  const shareCaches = (): void => hls.shareCaches(settings.current().viewing.access === 'open');
  shareCaches();
  settings.watch('viewing.', shareCaches);
  settings.watch('', () => hls.reconfigure(hlsSettingsOf(settings.current())));
  return hls;
}

/** What the origin is to know of the settings. */
function hlsSettingsOf({ hls, video }: Settings): HlsSettings {
  const { keyFrameIntervalSeconds, framesPerSecond } = video;
  return { ...hls, keyFrameIntervalSeconds, framesPerSecond };
}
