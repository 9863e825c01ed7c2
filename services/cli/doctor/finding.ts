import type { MachineFinding } from '#operator/commands/doctor.ts';

/** One thing that `onair doctor` looked at. */
export interface Finding {
  what: string;
  present: boolean;
  /** What is lost without it. */
  without: string;
  /** What fixes it. */
  fix: string;
  /** Fixes it too, together with others. */
  debianPackage?: string;
  needed: boolean;
  /** It is there, and not as it should be. */
  wrong?: boolean;
}

/** The same in the doctor's levels. */
export function machineFinding({
  what,
  present,
  without,
  fix,
  debianPackage,
  needed,
  wrong,
}: Finding): MachineFinding {
  if (present) return { level: 'ok', what, action: null };
  return {
    level: wrong ? 'wrong' : needed ? 'missing' : 'absent',
    what: `${what}: ${without}`,
    action: fix,
    ...(debianPackage === undefined ? {} : { debianPackage }),
  };
}

/** The command as who runs the doctor has to type it. */
export function asRoot(command: string): string {
  return `${process.getuid?.() === 0 ? '' : 'sudo '}${command}`;
}

export function installCommand(packages: readonly string[]): string {
  return asRoot(`apt-get install ${packages.join(' ')}`);
}
