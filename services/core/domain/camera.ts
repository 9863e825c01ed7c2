import { z } from 'zod';

/** What of a camera can be set, by the names that people know. */
export const cameraControlName = z.enum([
  'exposure',
  'gain',
  'whiteBalance',
  'focus',
  'brightness',
  'contrast',
  'saturation',
  'flip',
]);
export type CameraControlName = z.infer<typeof cameraControlName>;

export const flipChoices = ['none', 'horizontal', 'vertical', 'both'] as const;
const flip = z.enum(flipChoices);
/** Exposure is in µs and white balance in kelvin, whatever the camera; other numbers are in the camera's own steps. */
export const cameraControlValue = z.union([z.number().int(), z.literal('auto'), flip]);
export type CameraControlValue = z.infer<typeof cameraControlValue>;

/** What is set of one camera; what is not named is as the camera has it by default. */
export const cameraControls = z.partialRecord(cameraControlName, cameraControlValue);
export type CameraControls = z.infer<typeof cameraControls>;

/** What one camera offers: a number within bounds, words, or both. */
export const offeredControl = z.object({
  name: cameraControlName,
  /** Null where it takes no number. */
  range: z
    .object({ minimum: z.number().int(), maximum: z.number().int(), step: z.number().int().positive() })
    .nullable(),
  /** Words that it takes: `auto`, or how to flip. */
  choices: z.array(z.string()),
  default: cameraControlValue,
});
export type OfferedControl = z.infer<typeof offeredControl>;

/** A control with what is set. */
export const shownControl = offeredControl.extend({
  value: cameraControlValue,
  /** The camera did not take that value. */
  refused: z.boolean(),
});
export type ShownControl = z.infer<typeof shownControl>;

export const cameraMode = z.object({
  width: z.number().int(),
  height: z.number().int(),
  framesPerSecond: z.number(),
});
export type CameraMode = z.infer<typeof cameraMode>;

/** The nearest value that the camera takes; null where it takes none like it. */
export function fitting(offered: OfferedControl, value: CameraControlValue): CameraControlValue | null {
  if (typeof value === 'string') return offered.choices.includes(value) ? value : null;
  if (offered.range === null) return null;
  const { minimum, maximum, step } = offered.range;
  const within = Math.min(maximum, Math.max(minimum, value));
  return minimum + Math.floor((within - minimum) / step) * step;
}

/** What one camera offers, with what is set of it. */
export function shownControls(
  offered: readonly OfferedControl[],
  set: CameraControls,
  refused: readonly CameraControlName[],
): ShownControl[] {
  return offered.map((control) => {
    const { name } = control;
    const asked = set[name];
    const value = (asked === undefined ? null : fitting(control, asked)) ?? control.default;
    return { ...control, value, refused: refused.includes(name) };
  });
}

/** Why a camera does not take this value, in words; null where it does. */
export function refusalOf(
  offered: readonly OfferedControl[],
  name: string,
  value: CameraControlValue,
): string | null {
  const control = offered.find((each) => each.name === name);
  if (!control) {
    const names = offered.map((each) => each.name).join(', ');
    return `${name}: this camera does not offer it (it offers ${names})`;
  }
  const { range, choices } = control;
  const isTaken =
    typeof value === 'string'
      ? choices.includes(value)
      : range !== null && value >= range.minimum && value <= range.maximum;
  if (isTaken) return null;
  const bounds = range ? [`${range.minimum} to ${range.maximum}`] : [];
  return `${name} is ${value}, it must be ${[...bounds, ...choices].join(' or ')}`;
}
