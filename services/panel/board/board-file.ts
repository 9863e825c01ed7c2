import { z } from 'zod';

const name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,31})$/, { error: 'must be a name like pi-4' });
const pin = z.number().int().min(1).max(40);

/** A GPIO line: by its own name where the kernel knows it, else by the chip's label and the offset. */
const line = z.strictObject({
  name: z.string().min(1).max(32),
  chip: z.string().min(1).max(64),
  offset: z.number().int().min(0).max(1_023),
});

/** What a finger presses. `live` is the one button that the panel knows; others may be declared beside it. */
const button = z.strictObject({
  kind: z.literal('button'),
  role: z.string().min(1),
  /** On the 40-pin header, for people. */
  pin: pin.optional(),
  line: line.optional(),
  /** Pressed draws the line to ground. */
  activeLow: z.boolean().default(true),
  pull: z.enum(['up', 'down', 'none']).default('up'),
  /** Key code that gpio-keys reports where the device tree has the button (input-event-codes.h). */
  keyCode: z.number().int().min(1).max(0x2ff).optional(),
});

/** What shines. `red` says live, `green` says ready; a board with one light has either of them. */
const light = z.strictObject({
  kind: z.literal('light'),
  role: z.string().min(1),
  pin: pin.optional(),
  line: line.optional(),
  activeLow: z.boolean().default(false),
  /** Name in /sys/class/leds where the device tree has the light. */
  led: z.string().min(1).max(64).optional(),
});

export type ButtonPart = z.infer<typeof button>;
export type LightPart = z.infer<typeof light>;

/** Whatever else is wired to it (a buzzer, a display): kept, and driven by the code that knows its kind. */
const otherPart = z.looseObject({ kind: z.string().min(1), role: z.string().min(1) });

const part = otherPart.transform((value, context): ButtonPart | LightPart | z.infer<typeof otherPart> => {
  const schema = value.kind === 'button' ? button : value.kind === 'light' ? light : otherPart;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});

/** A file of firmware/boards: what a board is, below the services. */
export const boardFile = z.strictObject({
  name,
  /** For people. */
  title: z.string().min(1),
  /** Beginnings of /proc/device-tree/model that mean this board. */
  models: z.array(z.string().min(1)),
  /** `socket`: no hardware; its wires end in a Unix socket. */
  wires: z.enum(['hardware', 'socket']),
  /** What image builders merge: Debian's names of the base files, and ours of firmware/overlays. */
  deviceTree: z.strictObject({ files: z.array(z.string()), overlay: z.string() }).optional(),
  parts: z.array(part),
  camera: z.strictObject({ csi: z.boolean() }),
  /** GStreamer's element of the hardware's own H.264 encoder; null where it has none. */
  encoder: z.strictObject({ hardware: z.string().nullable() }),
  sensors: z.strictObject({ underVoltage: z.enum(['rpi_volt']).nullable() }),
});
export type BoardFile = z.infer<typeof boardFile>;

/** The button that goes live; null where the board has none. */
export function liveButton({ parts }: BoardFile): ButtonPart | null {
  return parts.find((part): part is ButtonPart => part.kind === 'button' && part.role === 'live') ?? null;
}

export function lightFor({ parts }: BoardFile, role: 'red' | 'green'): LightPart | null {
  return parts.find((part): part is LightPart => part.kind === 'light' && part.role === role) ?? null;
}

/** Parts that nothing here drives, as "buzzer done". */
export function partsBeyond(board: BoardFile): string[] {
  const driven: unknown[] = [liveButton(board), lightFor(board, 'red'), lightFor(board, 'green')];
  return board.parts.filter((part) => !driven.includes(part)).map(({ kind, role }) => `${kind} ${role}`);
}

/** A board of no known kind: the button and the lights that the device tree has under our names. */
export const unknownBoard: BoardFile = {
  name: 'unknown',
  title: 'Unknown board',
  models: [],
  wires: 'hardware',
  parts: [
    { kind: 'button', role: 'live', activeLow: true, pull: 'up', keyCode: 167 },
    { kind: 'light', role: 'red', activeLow: false, led: 'onair:red:live' },
    { kind: 'light', role: 'green', activeLow: false, led: 'onair:green:ready' },
  ],
  camera: { csi: false },
  encoder: { hardware: null },
  sensors: { underVoltage: null },
};
