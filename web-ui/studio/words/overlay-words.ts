import type { Words } from '../../page/language.ts';

const en = {
  heading: 'Over the picture',
  help: 'Shown to everybody at once, also in what is recorded and sent on.',
  place: '{part}: where',
  show: 'Show',
  clock: 'Clock',
  text: 'Text',
  textExample: 'A name, a title, a score',
  logo: 'Logo',
  logoExample: 'a file on the box',
  choose: 'Choose a picture',
  chooseHelp: 'PNG or JPEG, 4 MB at most',
};

/** Loaded with the card. */
export const overlayWords: Words<keyof typeof en> = {
  en,
  de: {
    heading: 'Über dem Bild',
    help: 'Gleich für alle zu sehen, auch in Aufnahmen und dort, wohin die Sendung weitergeht.',
    place: '{part}: wo',
    show: 'Zeigen',
    clock: 'Uhr',
    text: 'Text',
    textExample: 'Ein Name, ein Titel, ein Spielstand',
    logo: 'Logo',
    logoExample: 'eine Datei auf der Box',
    choose: 'Bild auswählen',
    chooseHelp: 'PNG oder JPEG, höchstens 4 MB',
  },
};
