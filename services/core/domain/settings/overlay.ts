import { z } from 'zod';
import { overlayPlace } from '../overlay.ts';
import { pictureFile } from '../picture-file.ts';
import { setting } from '../setting-meta.ts';
import { typedText } from '../typed-text.ts';

export const overlay = z.object({
  clock: setting(z.boolean().default(false), {
    description: 'The time of day over the picture',
    effect: 'none',
  }),
  clockPlace: setting(overlayPlace.default('top-right'), {
    description: 'Where the clock is',
    effect: 'none',
  }),
  text: setting(typedText(120).default(''), {
    description: 'Text over the picture: a line; empty is none',
    effect: 'none',
  }),
  textPlace: setting(overlayPlace.default('bottom-left'), {
    description: 'Where the text is',
    effect: 'none',
  }),
  logo: setting(pictureFile.nullable().default(null), {
    description: 'Logo over the picture: a PNG or JPEG; empty is none',
    effect: 'none',
  }),
  logoPlace: setting(overlayPlace.default('top-left'), { description: 'Where the logo is', effect: 'none' }),
});
