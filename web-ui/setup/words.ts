import type { Words } from '../page/language.ts';

const en = {
  heading: 'Set up the box',
  intro: 'Four steps, five minutes. You need the box, its USB cable and a computer.',
  plugHeading: '1. Plug in',
  plugText:
    'Connect the box’s USB port with a computer, by a cable that carries data. On a Raspberry Pi Zero it is the port marked USB, on a Raspberry Pi 4 or 5 the one for power. The box starts within half a minute; its green light is on when it is ready.',
  fileHeading: '2. Connect',
  fileText:
    'Save this file on the computer, open it from there in Chrome or Edge, and press Connect: it finds the box on the cable, joins it to your Wi-Fi, names it, and sets picture and PIN.',
  fileLink: 'Save setup.html',
  fileWhy:
    'Browsers let a page use the USB port only from disk or from a secure address, so it can’t be done from this page.',
  terminalText:
    'Or use any terminal program on the box’s serial port (any speed): press Enter and type help.',
  cableText:
    'The cable is a network too: without any Wi-Fi this page is at http://10.55.0.1 on that computer.',
  liveHeading: '3. Go live',
  liveText: 'Press the box’s button. The light flashes red, and turns steady red when pictures really flow.',
  watchHeading: '4. Watch',
  watchText: 'Everybody in the same network opens this address:',
  cardHeading: 'Without a cable: from the card',
  cardText:
    'Put the card into a computer and write name, Wi-Fi and settings into onair.toml on its small partition. The box reads it at its next start.',
  operateHeading: 'Operate it from a browser',
  operateText:
    'Open the studio and press the box’s button when it asks for it; or type the code that pair shows on the serial line.',
  studio: 'Open the studio',
  troubleHeading: 'If it does not work',
  troubleCable:
    'The computer shows no serial port: most likely the cable only carries power. Try another one.',
  troubleWifi:
    'The box opens a protected network of its own where it finds none; wifi on the serial line shows its passphrase.',
  troubleDoctor: 'doctor on the serial line says what is wrong and how to fix it.',
  back: 'Back to the picture',
} as const;
export type Key = keyof typeof en;

export const words: Words<Key> = {
  en,
  de: {
    heading: 'Die Box einrichten',
    intro: 'Vier Schritte, fünf Minuten. Sie brauchen die Box, ihr USB-Kabel und einen Computer.',
    plugHeading: '1. Anstecken',
    plugText:
      'Verbinden Sie den USB-Anschluss der Box mit einem Computer, über ein Kabel, das Daten überträgt. Beim Raspberry Pi Zero ist es der Anschluss mit der Aufschrift USB, beim Raspberry Pi 4 und 5 der für den Strom. Die Box startet in einer halben Minute; ist sie bereit, leuchtet es grün.',
    fileHeading: '2. Verbinden',
    fileText:
      'Speichern Sie diese Datei auf dem Computer, öffnen Sie sie dort in Chrome oder Edge und drücken Sie auf Verbinden: sie findet die Box am Kabel, bringt sie in Ihr WLAN, gibt ihr einen Namen und stellt Bild und PIN ein.',
    fileLink: 'setup.html speichern',
    fileWhy:
      'Browser lassen eine Seite nur von der Festplatte oder von einer sicheren Adresse an den USB-Anschluss, deshalb geht es nicht von dieser Seite aus.',
    terminalText:
      'Oder nehmen Sie ein Terminalprogramm am seriellen Anschluss der Box (jede Geschwindigkeit): drücken Sie Enter und schreiben Sie help.',
    cableText:
      'Das Kabel ist auch ein Netz: ganz ohne WLAN ist diese Seite auf jenem Computer unter http://10.55.0.1.',
    liveHeading: '3. Auf Sendung gehen',
    liveText:
      'Drücken Sie den Knopf der Box. Das Licht blinkt rot und leuchtet rot, sobald wirklich Bilder fließen.',
    watchHeading: '4. Zusehen',
    watchText: 'Alle im selben Netz öffnen diese Adresse:',
    cardHeading: 'Ohne Kabel: über die Karte',
    cardText:
      'Stecken Sie die Karte in einen Computer und schreiben Sie Name, WLAN und Einstellungen in onair.toml auf der kleinen Partition. Die Box liest sie beim nächsten Start.',
    operateHeading: 'Vom Browser aus bedienen',
    operateText:
      'Öffnen Sie das Studio und halten Sie den Knopf der Box 3 Sekunden lang, wenn es danach fragt; oder geben Sie den Code ein, den pair auf der seriellen Leitung zeigt.',
    studio: 'Studio öffnen',
    troubleHeading: 'Wenn es nicht klappt',
    troubleCable:
      'Der Computer zeigt keinen seriellen Anschluss: wahrscheinlich überträgt das Kabel nur Strom. Nehmen Sie ein anderes.',
    troubleWifi:
      'Findet die Box kein Netz, öffnet sie ein eigenes, geschütztes; wifi auf der seriellen Leitung zeigt das Passwort.',
    troubleDoctor: 'doctor auf der seriellen Leitung sagt, was fehlt und was hilft.',
    back: 'Zurück zum Bild',
  },
};
