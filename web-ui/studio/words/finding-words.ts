import { language, say } from '../say.ts';
import { germanFindings } from './german-findings.ts';

/** What the box found, or what it answered: its code, its English, and what to do. */
export interface Finding {
  code: string;
  message: string;
  action?: string | null;
}

/** A finding for the reader. */
export interface Said {
  text: string;
  lang: string;
  /** The box's own English, where only that names the device, the file or the setting that is meant. */
  original?: string;
}

/** A finding in the reader's language; the box's English where that has no words for its code. */
export function saidOf({ code, message, action }: Finding): Said {
  if (code === 'unreachable') return { text: say('unreachable'), lang: language };
  const english = action ? `${message} ${action}` : message;
  const known = language === 'de' ? germanFindings[code] : undefined;
  if (!known) return { text: english, lang: 'en' };
  return { text: known.text, lang: language, ...(known.names ? { original: english } : {}) };
}
