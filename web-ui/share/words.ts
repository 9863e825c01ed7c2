import type { Words } from '../page/language.ts';

const en = {
  heading: 'Share this broadcast',
  scan: 'Point a phone at this code: it opens this page there.',
  code: 'QR code of {address}',
  sameNetwork: 'It works for everybody on the same network.',
  or: 'or',
  copy: 'Copy the address',
  copied: 'Copied',
  send: 'Send…',
  close: 'Close',
  noAddress: 'The box has no network: nobody else can reach it just now.',
} as const;

export type ShareKey = keyof typeof en;

export const shareWords: Words<ShareKey> = {
  en,
  de: {
    heading: 'Diese Sendung teilen',
    scan: 'Halten Sie ein Telefon auf diesen Code: Es öffnet diese Seite dort.',
    code: 'QR-Code von {address}',
    sameNetwork: 'Das geht für alle im selben Netz.',
    or: 'oder',
    copy: 'Adresse kopieren',
    copied: 'Kopiert',
    send: 'Senden …',
    close: 'Schließen',
    noAddress: 'Die Box hat kein Netz: Gerade kann sie sonst niemand erreichen.',
  },
};
