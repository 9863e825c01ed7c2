/**
 * Findings and errors in German, by code: what is wrong, and what to do. `names` marks those whose English names what
 * no code can: a path, a setting, a reason of a library.
 */
export const germanFindings: Readonly<Record<string, { text: string; names?: true }>> = {
  // Sources (services/media/reasons.ts).
  'request-invalid': {
    text: 'So kann das Bild nicht gehen. Ändern Sie die genannte Einstellung.',
    names: true,
  },
  'source-missing': {
    text: 'Die Kamera ist nicht da. Stecken Sie sie an, oder wählen Sie eine andere Quelle.',
    names: true,
  },
  'source-not-capture': { text: 'Das ist keine Kamera. Wählen Sie eine andere Quelle.', names: true },
  'source-denied': { text: 'Die Box darf diese Kamera nicht öffnen.', names: true },
  'source-busy': {
    text: 'Die Kamera wird gerade von einem anderen Programm benutzt. Beenden Sie es: Die Box versucht es weiter.',
  },
  'source-format': {
    text: 'Die Kamera kann diese Größe oder Bildrate nicht. Wählen Sie andere Zahlen oder eine andere Kamera.',
  },
  'source-lost': {
    text: 'Von der Kamera kommt nichts mehr. Prüfen Sie ihr Kabel: Die Box versucht es weiter.',
  },
  'no-camera': { text: 'Es ist keine Kamera zu finden. Stecken Sie eine an, oder nehmen Sie das Testbild.' },
  'clip-missing': { text: 'Den Clip gibt es nicht. Wählen Sie einen anderen.', names: true },
  'clip-denied': { text: 'Die Box darf den Clip nicht lesen.', names: true },
  'clip-not-file': { text: 'Das ist keine Datei. Wählen Sie einen anderen Clip.', names: true },
  'clip-unreadable': { text: 'Der Clip lässt sich nicht abspielen. Wählen Sie einen anderen.', names: true },
  'clip-without-pictures': { text: 'In dem Clip sind keine Bilder. Wählen Sie einen anderen.' },
  'audio-unavailable': {
    text: 'Das Mikrofon lässt sich nicht benutzen. Prüfen Sie es, oder stellen Sie den Ton auf „kein Mikrofon“.',
    names: true,
  },
  'element-missing': { text: 'Der Box fehlt ein Programmteil.', names: true },
  'encoder-missing': {
    text: 'Diese Box hat keinen eingebauten H.264-Encoder: Der Prozessor kodiert. Stellen Sie ihn auf „automatisch“.',
  },
  'encoder-denied': {
    text: 'Die Box darf den eingebauten Encoder nicht öffnen. Solange kodiert der Prozessor.',
    names: true,
  },
  'encoder-busy': {
    text: 'Ein anderes Programm benutzt den eingebauten Encoder. Solange kodiert der Prozessor.',
    names: true,
  },
  'encoder-size': {
    text: 'Der eingebaute Encoder nimmt keine Bilder dieser Größe: Der Prozessor kodiert. Wählen Sie eine andere Größe.',
    names: true,
  },
  'encoder-level': {
    text: 'Für dieses Bild reicht der eingebaute Encoder nicht: Der Prozessor kodiert. Wählen Sie ein kleineres Bild.',
    names: true,
  },
  'encoder-no-key-frames': {
    text: 'Der eingebaute Encoder macht auf Verlangen keine Schlüsselbilder: Der Prozessor kodiert an seiner Stelle.',
  },
  'encoder-gave-up': {
    text: 'Der eingebaute Encoder ist ausgefallen: Der Prozessor kodiert, und die Box versucht es von selbst wieder mit dem Encoder.',
  },
  'encoder-failed': {
    text: 'Der Encoder ist ausgefallen. Die Box versucht es weiter; ein kleineres Bild kann helfen.',
  },
  'pipeline-failed': {
    text: 'Die Bildverarbeitung ist ausgefallen. Die Box versucht es weiter.',
    names: true,
  },
  'pipeline-died': { text: 'Die Bildverarbeitung ist abgebrochen. Die Box startet sie von selbst neu.' },
  'encoder-silent': { text: 'Vom Encoder kommt nichts. Die Box startet ihn von selbst neu.' },
  'clip-stalled': {
    text: 'Vom Clip kommen keine Bilder. Die Box liest ihn neu; kommt das wieder vor, wählen Sie einen anderen.',
  },
  'source-silent': { text: 'Von der Quelle kommen keine Bilder. Die Box versucht es weiter.' },
  'slate-unreadable': {
    text: 'Das Bild der Tafel lässt sich nicht lesen. Wählen Sie ein PNG oder JPEG.',
    names: true,
  },
  'overlay-failed': {
    text: 'Uhr, Text und Logo lassen sich nicht zeichnen. Die Sendung geht ohne sie weiter, die Box versucht es wieder.',
    names: true,
  },
  'logo-unreadable': {
    text: 'Das Logo lässt sich nicht lesen. Wählen Sie ein PNG oder JPEG mit höchstens 4 MB.',
    names: true,
  },
  'source-unknown': { text: 'Diese Quelle gibt es nicht. Wählen Sie eine andere.', names: true },
  'source-died': { text: 'Die Quelle ist abgebrochen. Die Box startet sie von selbst neu.' },
  'no-publisher': {
    text: 'Dorthin sendet noch niemand. Starten Sie die Übertragung am Sender: Die Adresse steht im Studio.',
    names: true,
  },
  'rtmp-port': {
    text: 'RTMP kann an diesem Port nichts annehmen. Stellen Sie ingest.rtmpPort auf einen freien: Die Box versucht es weiter.',
    names: true,
  },
  'srt-port': {
    text: 'SRT kann an diesem Port nichts annehmen. Stellen Sie ingest.srtPort auf einen freien: Die Box versucht es weiter.',
    names: true,
  },
  'publisher-key': {
    text: 'Ein Sender wurde abgewiesen: Sein Schlüssel ist falsch. Geben Sie ihm die Adresse, die im Studio steht.',
    names: true,
  },
  'publisher-second': {
    text: 'Ein zweiter Sender wurde abgewiesen, denn es sendet schon jemand. Beenden Sie die erste Übertragung.',
    names: true,
  },
  'publisher-broken': {
    text: 'Ein Sender wurde getrennt: Was er schickte, ist keine Übertragung. Starten Sie sie am Sender neu.',
    names: true,
  },
  'publisher-silent': {
    text: 'Der Sender schickte nichts mehr und wurde getrennt. Prüfen Sie sein Netz.',
    names: true,
  },
  'publisher-codec': {
    text: 'Der Sender nutzt ein Format, das hier nicht angenommen wird. Stellen Sie ihn auf H.264.',
    names: true,
  },
  'publisher-too-large': {
    text: 'Die Bilder des Senders sind zu groß. Stellen Sie ihn auf 1920x1080 oder weniger.',
    names: true,
  },
  'publisher-without-pictures': {
    text: 'Vom Sender kommt kein Bild. Schalten Sie seine Kamera ein.',
    names: true,
  },
  'publisher-undecodable': {
    text: 'Die Bilder des Senders lassen sich nicht lesen. Stellen Sie ihn auf H.264, oder starten Sie die Übertragung neu.',
    names: true,
  },
  'not-connected': {
    text: 'Die Quelle antwortet noch nicht. Prüfen Sie ihre Adresse, und ob sie an ist.',
    names: true,
  },
  'remote-invalid': { text: 'Diese Adresse lässt sich nicht verwenden. Berichtigen Sie sie.', names: true },
  'remote-unreachable': {
    text: 'Die Quelle ist nicht zu erreichen. Prüfen Sie ihre Adresse, und ob sie an ist: Die Box versucht es weiter.',
    names: true,
  },
  'remote-denied': {
    text: 'Die Quelle lehnt Benutzer oder Passwort ab. Schreiben Sie die richtigen in die Adresse.',
    names: true,
  },
  'remote-missing': {
    text: 'Diesen Stream hat die Quelle nicht. Prüfen Sie den Pfad der Adresse.',
    names: true,
  },
  'remote-without-pictures': {
    text: 'Von der Quelle kommt kein Bild. Wählen Sie einen anderen Stream von ihr.',
    names: true,
  },
  'remote-silent': {
    text: 'Die Quelle ist da, und es kommen keine Bilder. Starten Sie sie neu: Die Box versucht es weiter.',
    names: true,
  },
  'remote-ended': {
    text: 'Die Quelle hat ihren Stream beendet. Die Box verbindet sich von selbst neu.',
    names: true,
  },
  'remote-codec': {
    text: 'Das Bild der Quelle lässt sich hier nicht lesen. Stellen Sie sie auf H.264.',
    names: true,
  },
  'slate-held': {
    text: '„Gleich geht es weiter“ ist auf Sendung. Beenden Sie die Tafel, oder nehmen Sie eine Quelle.',
  },
  'preview-busy': {
    text: 'Es werden schon zwei Quellen angesehen. Versuchen Sie es in ein paar Sekunden wieder.',
  },
  'fallback-shown': { text: 'Eine Ersatzquelle ist zu sehen. Die Box kehrt von selbst zurück.', names: true },
  'no-frames': { text: 'Es kommen keine Bilder. Prüfen Sie die Kamera: Die Box versucht es weiter.' },
  'no-pictures': {
    text: 'In 10 Sekunden kamen keine Bilder von der Kamera. Prüfen Sie sie und ihr Kabel, und versuchen Sie es noch einmal.',
  },
  'media-unavailable': { text: 'Der Bilddienst läuft nicht. Starten Sie unter „Box“ die Dienste neu.' },
  'pictures-stopped': { text: 'Es kommen keine Bilder mehr. Der Bilddienst wird von selbst neu gestartet.' },
  'media-restarting': { text: 'Der Bilddienst startet neu. Er ist gleich von selbst wieder da.' },
  resuming: { text: 'Die Box ist neu gestartet und setzt die Sendung fort.' },
  // The box.
  'battery-empty': { text: 'Der Akku ist leer. Schließen Sie ein Netzteil an.' },
  'card-full': { text: 'Die Karte ist voll. Löschen Sie etwas, oder nehmen Sie eine größere.', names: true },
  'press-expired': { text: 'Der Knopfdruck kam zu spät an und wurde nicht mehr beachtet.' },
  'stored-settings': {
    text: 'Etwas an den gespeicherten Einstellungen stimmt nicht. Setzen Sie neu, was fehlt.',
    names: true,
  },
  'onair-toml': { text: 'In onair.toml auf der Karte ist ein Fehler.', names: true },
  'control-fell': { text: 'Die Box ist mehrmals abgestürzt.', names: true },
  'settings-put-back': {
    text: 'Die letzten Einstellungen wurden zurückgenommen, weil die Box mit ihnen nicht lief.',
    names: true,
  },
  'webrtc-stalled': { text: 'Der Versand stand still und wird neu gestartet.' },
  'webrtc-port-in-use': {
    text: 'Der UDP-Port für WebRTC ist belegt. Wählen Sie einen anderen.',
    names: true,
  },
  'webrtc-port-forbidden': {
    text: 'Die Box darf diesen UDP-Port nicht benutzen. Wählen Sie einen ab 1024.',
    names: true,
  },
  'webrtc-port-unavailable': { text: 'Der UDP-Port für WebRTC lässt sich nicht öffnen.', names: true },
  'webrtc-address-unknown': { text: 'Diese Adresse hat die Box nicht.', names: true },
  'webrtc-engine-missing': { text: 'Diesen WebRTC-Teil gibt es auf der Box nicht.', names: true },
  'hub-unreachable': { text: 'Der Hub antwortet nicht. Die Box versucht es weiter.', names: true },
  'redis-unreachable': { text: 'Redis antwortet nicht. Die Box versucht es weiter.', names: true },
  'mqtt-unreachable': { text: 'Der MQTT-Broker antwortet nicht. Die Box versucht es weiter.', names: true },
  'mqtt-refused': {
    text: 'Der MQTT-Broker nimmt Benutzername und Passwort nicht an. Prüfen Sie beide in den Einstellungen.',
  },
  'mqtt-failed': { text: 'MQTT kann nicht benutzt werden. Die Box versucht es weiter.', names: true },
  'webhook-failing': { text: 'Ein Webhook nimmt nichts an. Die Box versucht es weiter.', names: true },
  'owner-certificate-unusable': {
    text: 'Das Zertifikat für die eigene Domain lässt sich nicht benutzen.',
    names: true,
  },
  'owner-certificate-ends': {
    text: 'Das Zertifikat für die eigene Domain läuft ab. Erneuern Sie die Dateien.',
    names: true,
  },
  'acme-failed': {
    text: 'Die Zertifizierungsstelle hat noch kein Zertifikat für die eigene Domain ausgestellt. Die Box versucht es weiter.',
    names: true,
  },
  'mdns-failed': {
    text: 'Die Seite wird im Netz nicht angekündigt. Öffnen Sie sie einstweilen über die Adresse der Box.',
  },
  'disk-pulled': {
    text: 'Das USB-Laufwerk wurde während der Aufnahme abgezogen; die Aufnahme ist beendet. Was bis zur letzten Sekunde geschrieben war, ist darauf.',
  },
  'storage-full': {
    text: 'Für Aufnahmen ist kein Platz mehr. Löschen Sie alte, oder stecken Sie ein USB-Laufwerk an.',
  },
  'storage-failed': {
    text: 'Die Aufnahme lässt sich nicht schreiben. Nehmen Sie ein anderes Laufwerk.',
    names: true,
  },
  'storage-slow': {
    text: 'Das Laufwerk ist zu langsam für die Aufnahme: Teile fehlen. Nehmen Sie ein schnelleres.',
  },
  'recorder-restarting': { text: 'Der Rekorder startet neu. Er ist gleich wieder da.' },
  'no-usb-disk': {
    text: 'Es steckt kein USB-Laufwerk. Stecken Sie eines an, oder nehmen Sie auf die Karte auf.',
  },
  'rtsp-unavailable': { text: 'RTSP lässt sich an diesem Port nicht anbieten.', names: true },
  'webrtc-no-address': { text: 'WebRTC hat keine Adresse im Netz. Zuschauer bekommen LL-HLS.' },
  'file-unusable': {
    text: 'Eine Datei der Box ist beschädigt: Es gilt, was vorher war, oder nichts.',
    names: true,
  },
  'slow-start': { text: 'Das erste Bild braucht länger als sonst.' },
  'not-advancing': {
    text: 'Die Sendung läuft, aber die Bilder stehen. Beenden Sie sie, und gehen Sie wieder live.',
  },
  'services-missing': { text: 'Mit der neuen Version sind Dienste nicht gestartet.', names: true },
  'no-picture': { text: 'Mit der neuen Version kam kein Bild durch den Encoder.' },
  'update-signature': {
    text: 'Die Aktualisierung ist nicht richtig unterschrieben. Laden Sie sie noch einmal von dort, wo sie herkommt.',
  },
  'update-torn': { text: 'Die Datei ist unvollständig. Laden Sie sie noch einmal.' },
  'update-other-box': { text: 'Diese Aktualisierung ist für eine andere Art Box.', names: true },
  'update-not-newer': { text: 'Diese Version ist nicht neuer als die, die läuft.', names: true },
  'update-channel': {
    text: 'Ob es eine neuere Version gibt, ist nicht bekannt: Der Kanal für Aktualisierungen war nicht zu lesen. Prüfen Sie seine Adresse und das Netz; die Box fragt von selbst wieder.',
    names: true,
  },
  'update-not-offered': { text: 'Der Kanal für Aktualisierungen hat keine neuere Version.' },
  'update-download': {
    text: 'Die Aktualisierung ließ sich nicht laden. Prüfen Sie die Adresse.',
    names: true,
  },
  'update-not-written': {
    text: 'Die Aktualisierung ließ sich nicht schreiben. Es läuft, was vorher lief.',
    names: true,
  },
  'update-nothing-before': { text: 'Es gibt keine Version davor.' },
  'update-not-started': { text: 'Die neue Version ist nicht gestartet: Die vorige läuft wieder.' },
  'update-not-proven': {
    text: 'Die neue Version hat die Probe nicht bestanden: Die vorige läuft wieder.',
    names: true,
  },
  'update-waits': { text: 'Die Aktualisierung wartet, bis die Sendung vorbei ist.' },
  'page-away': { text: 'Mit der neuen Version ist diese Seite nicht erschienen.' },
  'outputs-restarting': { text: 'Der Dienst für die Ziele startet neu. Er ist gleich wieder da.' },
  // Destinations (services/outputs/failure.ts).
  'nobody-listens': {
    text: 'Unter dieser Adresse nimmt niemand an. Starten Sie das Ziel, oder prüfen Sie die Adresse.',
  },
  'name-unknown': { text: 'Den Namen des Ziels kennt das Netz nicht. Prüfen Sie Adresse und Netz.' },
  'no-answer': { text: 'Das Ziel antwortet nicht. Prüfen Sie Adresse und Netz.' },
  'connection-lost': { text: 'Die Verbindung zum Ziel ist abgerissen. Die Box versucht es alle 2 s wieder.' },
  'still-connected': {
    text: 'Das Ziel nimmt den Strom gerade nicht: Es hält wohl die Verbindung von vorhin noch. Die Box versucht es alle 2 s wieder.',
  },
  'cut-off': {
    text: 'Das Ziel hat sofort wieder getrennt. Prüfen Sie den Schlüssel, und ob er schon benutzt wird.',
  },
  'key-refused': {
    text: 'Das Ziel nimmt diesen Schlüssel nicht. Kopieren Sie ihn noch einmal von der Plattform.',
  },
  'passphrase-refused': { text: 'Das Ziel hat abgelehnt: Passphrase oder Stream-ID stimmen nicht.' },
  'application-refused': {
    text: 'Das Ziel kennt diese Anwendung nicht. Prüfen Sie den Teil der Adresse vor dem Schlüssel.',
  },
  'address-refused': { text: 'Das Ziel kennt diese Adresse nicht, oder sie wird schon benutzt.' },
  'certificate-invalid': {
    text: 'Dem Zertifikat des Ziels ist nicht zu trauen: Es wurde nichts gesendet. Prüfen Sie Adresse und Uhr.',
  },
  'line-too-slow': {
    text: 'Die Leitung zum Ziel ist zu langsam: Bilder fallen weg. Senken Sie die Bitrate, oder nehmen Sie eine schnellere Leitung.',
  },
  // Wi-Fi.
  'wifi-wrong-passphrase': { text: 'Die Passphrase stimmt nicht.' },
  'wifi-not-found': {
    text: 'Dieses Netz ist nicht zu sehen. Gehen Sie näher heran, oder prüfen Sie den Namen.',
  },
  'wifi-no-address': { text: 'Das Netz gibt der Box keine Adresse. Prüfen Sie den Router.' },
  'wifi-unsupported': { text: 'Diese Art Netz kann die Box nicht.', names: true },
  'wifi-failed': { text: 'Das hat nicht geklappt. Versuchen Sie es noch einmal.', names: true },
  'wifi-unavailable': { text: 'Das WLAN der Box ist gerade nicht zu erreichen.' },
  'wifi-not-confirmed': { text: 'Das neue Netz wurde nicht bestätigt: Die Box ist wieder im vorigen.' },
  // What the API answers (services/core/domain/errors.ts).
  'invalid-message': { text: 'So nimmt die Box das nicht an.', names: true },
  'not-found': { text: 'Das gibt es nicht (mehr).' },
  conflict: { text: 'Das geht gerade nicht.', names: true },
  full: { text: 'Mehr geht nicht.', names: true },
  unauthorized: { text: 'Das stimmt nicht, oder dieser Browser darf das nicht.', names: true },
  forbidden: { text: 'Das ist nicht erlaubt.', names: true },
  'rate-limited': { text: 'Das waren zu viele Versuche. Warten Sie ein wenig.' },
  'version-mismatch': { text: 'Diese Seite passt nicht zur Box. Laden Sie sie neu.' },
  unavailable: { text: 'Das geht gerade nicht. Versuchen Sie es gleich noch einmal.', names: true },
  internal: { text: 'In der Box ist etwas schiefgegangen. Ihr Protokoll sagt mehr.' },
  timeout: { text: 'Niemand hat rechtzeitig den Knopf gehalten. Versuchen Sie es noch einmal.' },
  'too-large': { text: 'Das ist zu groß.' },
};
