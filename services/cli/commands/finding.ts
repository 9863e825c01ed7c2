/** One thing that `onair doctor` looked at. */
export interface Finding {
  what: string;
  present: boolean;
  /** What is lost without it. */
  without: string;
  /** What mends it. */
  mend: string;
  /** Mends it too, together with others. */
  debianPackage?: string;
  needed: boolean;
  /** It is there, and not as it should be. */
  wrong?: boolean;
}

export function describe({ what, present, without, mend, needed, wrong }: Finding): string {
  if (present) return `  ok       ${what}`;
  const state = wrong ? 'WRONG  ' : needed ? 'MISSING' : 'absent ';
  return `  ${state}  ${what}: ${without}\n           ${mend}`;
}

/** The command as who runs the doctor has to type it. */
export function asRoot(command: string): string {
  return `${process.getuid?.() === 0 ? '' : 'sudo '}${command}`;
}

export function installCommand(packages: readonly string[]): string {
  return asRoot(`apt-get install ${packages.join(' ')}`);
}
