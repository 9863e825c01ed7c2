import { z } from 'zod';
import { cameraControls } from '../camera.ts';
import { setting } from '../setting-meta.ts';

const sourceId = z.string().regex(/^[a-z0-9-]{1,64}$/, { error: 'must be the id of a source' });

export const camera = z.object({
  controls: setting(z.record(sourceId, cameraControls).default({}), {
    description:
      'Exposure, gain, white balance, focus, brightness, contrast, saturation, flip: by the id of a camera, with what it offers (onair sources)',
    effect: 'none',
  }),
});
