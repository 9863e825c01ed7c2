import { z } from 'zod';
import { setting } from '../setting-meta.ts';
import { typedText } from '../typed-text.ts';

/** "Europe/Berlin": as browsers and the system know it (IANA). */
const timeZone = z.string().refine(isTimeZone, { error: 'must be a time zone like Europe/Berlin' });

export const device = z.object({
  id: setting(z.string().min(1).max(128), {
    description: 'Identity of this box',
    effect: 'none',
    fixed: true,
  }),
  name: setting(typedText(64).min(1).default('Onair'), {
    description: 'Name that people see',
    effect: 'none',
  }),
  timeZone: setting(timeZone.nullable().default(null), {
    description:
      'Time zone: empty takes that of the first operator, or the system’s where Onair is a package',
    effect: 'none',
  }),
  language: setting(z.enum(['en', 'de']).default('en'), {
    description: 'Language of what the box itself says in the picture',
    effect: 'none',
  }),
});

function isTimeZone(name: string): boolean {
  // The system looks for a file of that name.
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+){0,2}$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}
