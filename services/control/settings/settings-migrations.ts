import type { JsonObject } from '#core/domain/json.ts';

const fileKey = 'version';

/** Makes a file of one version one of the next. What it doesn't know it leaves alone. */
export type Migration = (stored: JsonObject) => JsonObject;

/** From version 0 (files without one) to 1, from 1 to 2, and so on: the newest version is how many there are. */
export const migrations: readonly Migration[] = [
  // The first files named no version; nothing else about them was different.
  (stored) => stored,
];

/**
 * Brings a stored file to the newest version; one that a newer box wrote keeps its version, so that going back to
 * that box later migrates nothing twice.
 * @returns what is to be known of it besides; a file that no version says how to read is taken as it is
 */
export function migrate(
  stored: JsonObject,
  steps: readonly Migration[] = migrations,
): { settings: JsonObject; notes: string[] } {
  const version = stored[fileKey] ?? 0;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 0) {
    return { settings: { ...stored, [fileKey]: steps.length }, notes: ['version: must be a whole number'] };
  }
  if (version > steps.length) {
    const notes = [
      `the file is of version ${version}, this box knows ${steps.length}: what both know holds, the rest is kept`,
    ];
    return { settings: stored, notes };
  }
  let settings = stored;
  for (const [from, step] of steps.entries()) {
    if (from < version) continue;
    try {
      settings = step(settings);
    } catch {
      return {
        settings: { ...stored, [fileKey]: steps.length },
        notes: [`version ${from} could not be brought to version ${from + 1}; what fits holds`],
      };
    }
  }
  return { settings: { ...settings, [fileKey]: steps.length }, notes: [] };
}
