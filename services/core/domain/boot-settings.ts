import { z } from 'zod';

/** A mistake in onair.toml. */
export const bootProblem = z.object({
  /** From 1; null where it is in none. */
  line: z.number().int().nullable(),
  /** "settings.video.width"; null where the file as a whole is at fault. */
  key: z.string().nullable(),
  message: z.string(),
  action: z.string(),
});
export type BootProblem = z.infer<typeof bootProblem>;

/** Where on the appliance the reader of onair.toml leaves what it found, for control and the doctor. */
export const bootSettingsPath = '/run/onair-boot/settings.json';

/** A `[[output]]` of it; a blank key is what the box has for that name already. */
export const bootOutput = z.object({
  name: z.string(),
  url: z.string(),
  key: z.string().nullable(),
  enabled: z.boolean(),
});
export type BootOutput = z.infer<typeof bootOutput>;

/** What it leaves there. */
export const bootSettings = z.object({
  /** Which text of the file this is; applied once. */
  digest: z.string(),
  /** A merge patch of the settings; null where there is nothing new. */
  patch: z.record(z.string(), z.unknown()).nullable(),
  /** Restream destinations to add, or to change by name. */
  outputs: z.array(bootOutput).default([]),
  wifi: z.object({ ssid: z.string() }).nullable(),
  problems: z.array(bootProblem),
});
export type BootSettings = z.infer<typeof bootSettings>;

/** A mistake as one line for people: "onair.toml, line 3: … …" */
export function bootProblemText({ line, message, action }: BootProblem): string {
  return `onair.toml${line === null ? '' : `, line ${line}`}: ${message} ${action}`;
}
