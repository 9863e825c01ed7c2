import { type Language, speaker, type Words } from './language.ts';

const en = {
  unreachable: 'The box does not answer. Check that this device is on the same network, then try again.',
  unauthorized: 'You are not allowed to do this. Type the PIN, or pair with the box first.',
  forbidden: 'The box does not allow this.',
  'not-found': 'That is not there any more.',
  conflict: 'That does not fit what the box does just now.',
  full: 'Every place is taken. Try again in a minute.',
  'rate-limited': 'That was too often. Wait a moment, then try again.',
  'invalid-message': 'The box did not understand that. Check what you typed.',
  'too-large': 'That is too long.',
  'version-mismatch': 'This page is older than the box. Reload it.',
  unavailable: 'A part of the box is restarting. Try again in a moment.',
  timeout: 'That took too long. Try again.',
  internal: 'Something went wrong in the box. Try again.',
} as const;

type ProblemKey = keyof typeof en;

export const problemWords: Words<ProblemKey> = {
  en,
  de: {
    unreachable:
      'Die Box antwortet nicht. Prüfen Sie, ob dieses Gerät im selben Netz ist, und versuchen Sie es noch einmal.',
    unauthorized: 'Das dürfen Sie nicht. Geben Sie die PIN ein, oder koppeln Sie sich zuerst mit der Box.',
    forbidden: 'Die Box erlaubt das nicht.',
    'not-found': 'Das gibt es nicht mehr.',
    conflict: 'Das passt nicht zu dem, was die Box gerade tut.',
    full: 'Alle Plätze sind besetzt. Versuchen Sie es in einer Minute noch einmal.',
    'rate-limited': 'Das war zu oft. Warten Sie einen Augenblick, und versuchen Sie es noch einmal.',
    'invalid-message': 'Die Box hat das nicht verstanden. Prüfen Sie, was Sie eingegeben haben.',
    'too-large': 'Das ist zu lang.',
    'version-mismatch': 'Diese Seite ist älter als die Box. Laden Sie sie neu.',
    unavailable: 'Ein Teil der Box startet neu. Versuchen Sie es gleich noch einmal.',
    timeout: 'Das hat zu lange gedauert. Versuchen Sie es noch einmal.',
    internal: 'In der Box ist etwas schiefgegangen. Versuchen Sie es noch einmal.',
  },
};

/** Codes that StreamSync has for the same. */
const sameAs: Readonly<Record<string, ProblemKey>> = {
  lost: 'unreachable',
  bad_request: 'invalid-message',
  room_not_found: 'not-found',
  peer_not_found: 'not-found',
  not_in_room: 'conflict',
};

/**
 * A problem in the page's language, by its stable code. The box speaks English, and there says more than the code does.
 * @param problem of problem+json, or of a StreamSync error
 */
export function problemText(
  language: Language,
  problem: { code: string; message: string; action?: string | null },
): string {
  const { code, message, action } = problem;
  const key = sameAs[code] ?? code;
  const known = Object.hasOwn(en, key) ? (key as ProblemKey) : 'internal';
  if (language === 'en' && known !== 'unreachable') return action ? `${message} ${action}` : message;
  return speaker(problemWords, language)(known);
}
