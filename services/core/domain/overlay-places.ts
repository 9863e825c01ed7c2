/** Where something can stand in the picture; what has the same place stands one below the other. */
export const overlayPlaces = [
  'top-left',
  'top',
  'top-right',
  'bottom-left',
  'bottom',
  'bottom-right',
] as const;
export type OverlayPlace = (typeof overlayPlaces)[number];
