import { z } from 'zod';
import { audioSource, soundControls } from '../media.ts';
import { integer } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

export const audio = z.object({
  source: setting(audioSource.default('auto'), {
    description: 'Microphone: auto, none, test, or alsa:DEVICE',
    effect: 'pipeline',
  }),
  bitrateKbps: setting(integer(16, 320).default(96), {
    description: 'Audio bitrate',
    unit: 'kbit/s',
    effect: 'pipeline',
  }),
  muted: setting(soundControls.muted.default(false), { description: 'Silence on the air', effect: 'none' }),
  gainDb: setting(soundControls.gainDb.default(0), {
    description: 'Louder or softer',
    unit: 'dB',
    effect: 'none',
  }),
  delayMs: setting(soundControls.delayMs.default(0), {
    description: 'Sound this much later, where it is ahead of the lips',
    unit: 'ms',
    effect: 'none',
  }),
});
