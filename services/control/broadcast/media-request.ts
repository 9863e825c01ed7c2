import type { MediaRequest } from '#core/domain/media.ts';
import type { Overlay } from '#core/domain/overlay.ts';
import type { Settings } from '#core/domain/settings.ts';
import { slateWords } from './slate-words.ts';

/**
 * The part of the settings that the broadcast is made from.
 * @param taken a source that is shown instead, and whether the slate is
 */
export function mediaRequestOf(
  settings: Settings,
  rtp: MediaRequest['rtp'],
  { take, holdSlate }: Pick<MediaRequest, 'take' | 'holdSlate'> = { take: null, holdSlate: false },
): MediaRequest {
  const { device, audio, hls } = settings;
  const { adaptive: _, ...video } = settings.video;
  const slate = { name: device.name, words: slateWords[device.language] };
  const overlay = overlayOf(settings);
  const cameras = settings.camera.controls;
  return { video, audio, hls: { partMs: hls.partMs }, take, holdSlate, slate, overlay, cameras, rtp };
}

/** What is drawn over the pictures; null where nothing is. */
function overlayOf({ overlay }: Settings): Overlay | null {
  const { clock, clockPlace, text, textPlace, logo, logoPlace } = overlay;
  if (!clock && text === '' && logo === null) return null;
  return {
    clock: clock ? { place: clockPlace } : null,
    text: text === '' ? null : { text, place: textPlace },
    logo: logo === null ? null : { path: logo, place: logoPlace },
  };
}
