import type { Test } from 'tap';
import { type ConsoleOptions, consoleOnPty } from './console-host.ts';

/** What a terminal sends for them. */
export const keys = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  delete: '\u001b[3~',
  backspace: '\u007f',
  tab: '\t',
  interrupt: '\u0003',
};

/** A person at a terminal who has been greeted. */
export async function person(t: Test, options: ConsoleOptions = {}) {
  const made = await consoleOnPty(t, options);
  await made.host.until('onair> ');
  return made;
}
