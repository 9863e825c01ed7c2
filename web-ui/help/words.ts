import type { Words } from '../page/language.ts';

const en = {
  heading: 'When the picture stutters',
  close: 'Close',
  now: 'Just now',
  smooth: 'The last minute was smooth here.',
  stalled: 'In the last minute the picture stood still {count} times, {seconds} s altogether.',
  dropped: 'This device leaves out pictures: it may be too busy. Close other programs or pages.',
  lost: 'The network loses data on the way. Move closer to the Wi-Fi router, or use a cable.',
  steadyTip: 'A steadier connection is about a second later than live.',
  steady: 'Switch to steady',
  isSteady: 'You watch over the steady connection already.',
  tell: 'Tell whoever runs the box',
  what: 'What do you see?',
  buffering: 'It stops and goes on',
  lag: 'It is late',
  quality: 'The picture is bad',
  playback_error: 'There is no picture or no sound',
  other: 'Something else',
  words: 'In your own words (you need not)',
  sends: 'With it goes what the player measured: {facts}.',
  send: 'Send',
  sent: 'Thank you: your report has arrived.',
  tooMany: 'There were many reports from here. Please wait a minute.',
  notSent: 'The report did not get through. Please try again.',
} as const;

export type HelpKey = keyof typeof en;

export const helpWords: Words<HelpKey> = {
  en,
  de: {
    heading: 'Wenn das Bild ruckelt',
    close: 'Schließen',
    now: 'Gerade jetzt',
    smooth: 'Die letzte Minute lief hier flüssig.',
    stalled: 'In der letzten Minute stand das Bild {count} Mal still, zusammen {seconds} s.',
    dropped:
      'Dieses Gerät lässt Bilder aus: Vielleicht hat es zu viel zu tun. Schließen Sie andere Programme.',
    lost: 'Unterwegs gehen Daten verloren. Gehen Sie näher an den WLAN-Router, oder nehmen Sie ein Kabel.',
    steadyTip: 'Die stabilere Verbindung ist etwa eine Sekunde später als live.',
    steady: 'Auf stabil umschalten',
    isSteady: 'Sie sehen schon über die stabile Verbindung zu.',
    tell: 'Sagen Sie es dem, der die Box betreibt',
    what: 'Was sehen Sie?',
    buffering: 'Es bleibt stehen und geht weiter',
    lag: 'Es kommt spät',
    quality: 'Das Bild ist schlecht',
    playback_error: 'Bild oder Ton fehlen',
    other: 'Etwas anderes',
    words: 'In Ihren Worten (wenn Sie mögen)',
    sends: 'Dazu kommt, was der Player gemessen hat: {facts}.',
    send: 'Senden',
    sent: 'Danke: Ihr Bericht ist angekommen.',
    tooMany: 'Von hier kamen viele Berichte. Bitte warten Sie eine Minute.',
    notSent: 'Der Bericht kam nicht durch. Bitte versuchen Sie es noch einmal.',
  },
};
