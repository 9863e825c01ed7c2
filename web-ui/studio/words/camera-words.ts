import type { Words } from '../../page/language.ts';

const en = {
  heading: 'Camera: {name}',
  help: 'Shown to everybody at once, and kept for this camera.',
  auto: 'Automatic',
  byDefault: 'As it comes',
  allByDefault: 'All as it comes',
  refused: 'The camera does not take this.',
  modes: 'Sizes it offers',
  mode: '{width} × {height}, {rates} fps',
  exposure: 'Exposure',
  gain: 'Gain',
  whiteBalance: 'White balance',
  focus: 'Focus',
  brightness: 'Brightness',
  contrast: 'Contrast',
  saturation: 'Saturation',
  flip: 'Flip',
  'flip-none': 'Not flipped',
  'flip-horizontal': 'Left and right',
  'flip-vertical': 'Top and bottom',
  'flip-both': 'Both: upside down',
};
export type CameraWord = keyof typeof en;

/** Loaded with the card. */
export const cameraWords: Words<CameraWord> = {
  en,
  de: {
    heading: 'Kamera: {name}',
    help: 'Sofort für alle zu sehen, und für diese Kamera gespeichert.',
    auto: 'Automatisch',
    byDefault: 'Zurücksetzen',
    allByDefault: 'Alles zurücksetzen',
    refused: 'Die Kamera nimmt das nicht an.',
    modes: 'Größen, die sie anbietet',
    mode: '{width} × {height}, {rates} Bilder/s',
    exposure: 'Belichtung',
    gain: 'Verstärkung',
    whiteBalance: 'Weißabgleich',
    focus: 'Schärfe',
    brightness: 'Helligkeit',
    contrast: 'Kontrast',
    saturation: 'Sättigung',
    flip: 'Spiegelung',
    'flip-none': 'Keine',
    'flip-horizontal': 'Links und rechts',
    'flip-vertical': 'Oben und unten',
    'flip-both': 'Beides: kopfüber',
  },
};
