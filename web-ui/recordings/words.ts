import type { Words } from '../page/language.ts';

const en = {
  heading: 'Recordings',
  none: 'There are no recordings yet.',
  play: 'Play',
  download: 'Download',
  downloadOf: 'Download {name}',
  all: 'All recordings',
  running: 'being recorded now',
  unplayable: 'This browser cannot play it. Download it and open it with another program.',
  close: 'Close',
} as const;

export type RecordingsKey = keyof typeof en;

export const recordingsWords: Words<RecordingsKey> = {
  en,
  de: {
    heading: 'Aufnahmen',
    none: 'Es gibt noch keine Aufnahmen.',
    play: 'Abspielen:',
    download: 'Herunterladen',
    downloadOf: '{name} herunterladen',
    all: 'Alle Aufnahmen',
    running: 'wird gerade aufgenommen',
    unplayable:
      'Dieser Browser kann sie nicht abspielen. Laden Sie sie herunter, und öffnen Sie sie mit einem anderen Programm.',
    close: 'Schließen',
  },
};
