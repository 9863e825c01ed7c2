import type { Words } from '../page/language.ts';

const en = {
  heading: 'Trust this box',
  intro:
    'Onair made a certificate authority of its own when it first started; no company stands behind it. Install it once on this device, and https:// works here without a warning, also after a change of name or address.',
  stateWaiting: 'This device does not trust the box yet.',
  stateTrusted: 'This device trusts the box.',
  stateSecure:
    'This page came over HTTPS. If the browser warned you before it opened, this device does not trust the box yet.',
  stateOff: 'HTTPS is switched off on this box.',
  stateNone: 'The box has no certificate yet. Wait a moment.',
  openSecure: 'Open the page over HTTPS',
  compareHeading: '1. Compare',
  compareText:
    'This fingerprint must be the one that the box itself shows: type certificate on its USB line, or run onair certificate on it. If it differs, somebody in the network stands between you and the box.',
  installHeading: '2. Install',
  stepsWindows:
    'Windows (Chrome, Edge): save the file and open it, choose Install certificate, Current user, “Place all certificates in the following store”, Trusted root certification authorities.',
  stepsMac:
    'Mac (Safari, Chrome): save the profile, open System settings, General, Device management, and install it. Then open Keychain Access, find the certificate, and set it to Always trust.',
  stepsIos:
    'iPhone and iPad: open this page in Safari and save the profile. Open Settings, General, VPN and device management, and install it. Then switch it on under Settings, General, About, Certificate trust settings.',
  stepsAndroid:
    'Android (Chrome): save the file. Open Settings, Security, More security settings, Install from storage, CA certificate, and choose it.',
  stepsFirefox:
    'Firefox on any computer: open Settings, Privacy and security, View certificates, Authorities, Import, and tick “trust to identify websites”.',
  stepsLinux:
    'Linux: copy the file to /usr/local/share/ca-certificates/ and run sudo update-ca-certificates. Chrome keeps its own list: open chrome://certificate-manager and import it there.',
  saveFile: 'Save onair-ca.crt',
  saveProfile: 'Save the profile',
  others: 'Other devices',
  limitsHeading: 'What you trust',
  limitsText:
    'The authority may vouch for names ending in .local, .lan, .home.arpa and .internal and for private addresses, and for nothing else. Its key never leaves the box. Some older programs ignore this limit of an installed authority: install it only if the box is yours, or you trust who owns it.',
  back: 'Back to the picture',
  authority: 'Authority, SHA-256',
  proofText:
    'The box can prove it by its lights: it flashes where a digit of its fingerprint stands and which it is, chosen only once you held its button.',
  prove: 'Let the lights prove it',
  proofHold:
    'Wait until the green light flashes twice long, again and again. Then hold the button for 3 seconds. Where it blinks slowly and evenly instead, somebody else wants to operate the box: do not press.',
  proofShown:
    'After one very long flash, count: row {row}, column {column}, and the digit there, {digit}. A forged page can say anything: compare what you counted with the fingerprint that your device shows of the certificate it installs. One right digit is luck once in sixteen times; do it three times.',
  proofTimeout: 'The button was not held within 30 seconds.',
  proofConflict: 'Somebody else asked for the button at the same time. Wait half a minute and try again.',
  proofTooOften: 'This device asked too often. Wait a minute and try again.',
  proofFailed: 'The box did not answer. Try again.',
} as const;

export type Key = keyof typeof en;

const de: Record<Key, string> = {
  heading: 'Dieser Box vertrauen',
  intro:
    'Onair hat beim ersten Start eine eigene Zertifizierungsstelle angelegt; keine Firma steht dahinter. Installieren Sie sie einmal auf diesem Gerät, dann geht https:// hier ohne Warnung, auch nach einem neuen Namen oder einer neuen Adresse.',
  stateWaiting: 'Dieses Gerät vertraut der Box noch nicht.',
  stateTrusted: 'Dieses Gerät vertraut der Box.',
  stateSecure:
    'Diese Seite kam über HTTPS. Hat der Browser Sie davor gewarnt, vertraut dieses Gerät der Box noch nicht.',
  stateOff: 'HTTPS ist auf dieser Box ausgeschaltet.',
  stateNone: 'Die Box hat noch kein Zertifikat. Warten Sie einen Moment.',
  openSecure: 'Die Seite über HTTPS öffnen',
  compareHeading: '1. Vergleichen',
  compareText:
    'Dieser Fingerabdruck muss der sein, den die Box selbst zeigt: geben Sie certificate auf ihrer USB-Leitung ein, oder rufen Sie auf ihr onair certificate auf. Weicht er ab, steht jemand im Netz zwischen Ihnen und der Box.',
  installHeading: '2. Installieren',
  stepsWindows:
    'Windows (Chrome, Edge): Datei speichern und öffnen, „Zertifikat installieren“, „Aktueller Benutzer“, „Alle Zertifikate in folgendem Speicher speichern“, „Vertrauenswürdige Stammzertifizierungsstellen“.',
  stepsMac:
    'Mac (Safari, Chrome): Profil speichern, Systemeinstellungen, Allgemein, Geräteverwaltung öffnen und installieren. Danach in der Schlüsselbundverwaltung das Zertifikat auf „Immer vertrauen“ setzen.',
  stepsIos:
    'iPhone und iPad: diese Seite in Safari öffnen und das Profil speichern. Einstellungen, Allgemein, VPN und Geräteverwaltung öffnen und es installieren. Danach unter Einstellungen, Allgemein, Info, Zertifikatsvertrauenseinstellungen einschalten.',
  stepsAndroid:
    'Android (Chrome): Datei speichern. Einstellungen, Sicherheit, Weitere Sicherheitseinstellungen, Vom Speicher installieren, CA-Zertifikat öffnen und die Datei wählen.',
  stepsFirefox:
    'Firefox auf jedem Computer: Einstellungen, Datenschutz und Sicherheit, Zertifikate anzeigen, Zertifizierungsstellen, Importieren, und „Dieser CA vertrauen, um Websites zu identifizieren“ anhaken.',
  stepsLinux:
    'Linux: Datei nach /usr/local/share/ca-certificates/ kopieren und sudo update-ca-certificates aufrufen. Chrome hat eine eigene Liste: chrome://certificate-manager öffnen und dort importieren.',
  saveFile: 'onair-ca.crt speichern',
  saveProfile: 'Profil speichern',
  others: 'Andere Geräte',
  limitsHeading: 'Worauf Sie vertrauen',
  limitsText:
    'Die Stelle darf für Namen auf .local, .lan, .home.arpa und .internal und für private Adressen bürgen, und für nichts sonst. Ihr Schlüssel verlässt die Box nie. Manche älteren Programme beachten diese Grenze bei installierten Stellen nicht: installieren Sie sie nur, wenn die Box Ihnen gehört oder Sie ihrem Besitzer vertrauen.',
  back: 'Zurück zum Bild',
  authority: 'Zertifizierungsstelle, SHA-256',
  proofText:
    'Die Box kann es mit ihren Lichtern beweisen: sie blinkt, wo eine Ziffer ihres Fingerabdrucks steht und welche es ist, erst dann ausgewählt, wenn Sie ihren Taster gehalten haben.',
  prove: 'Die Lichter zeigen es',
  proofHold:
    'Warten Sie, bis das grüne Licht immer wieder zweimal lang blinkt. Halten Sie dann den Taster 3 Sekunden lang. Blinkt es stattdessen langsam und gleichmäßig, will jemand anders die Box bedienen: drücken Sie nicht.',
  proofShown:
    'Zählen Sie nach dem einen sehr langen Blinken: Zeile {row}, Spalte {column}, und die Ziffer dort, {digit}. Eine gefälschte Seite kann alles behaupten: vergleichen Sie das Gezählte mit dem Fingerabdruck, den Ihr Gerät von dem Zertifikat zeigt, das es installiert. Eine richtige Ziffer ist in einem von sechzehn Fällen Zufall; tun Sie es dreimal.',
  proofTimeout: 'Der Taster wurde nicht innerhalb von 30 Sekunden gehalten.',
  proofConflict:
    'Jemand anders wollte zur gleichen Zeit den Taster. Versuchen Sie es in einer halben Minute noch einmal.',
  proofTooOften: 'Dieses Gerät hat zu oft gefragt. Versuchen Sie es in einer Minute noch einmal.',
  proofFailed: 'Die Box hat nicht geantwortet. Versuchen Sie es noch einmal.',
};

export const words: Words<Key> = { en, de };
