import { language } from '../say.ts';
import type { SettingInfo } from '../settings/setting-field.tsx';
import { germanSettings } from './german-settings.ts';

interface SettingWords {
  label: string;
  help?: string | undefined;
  lang: string;
}

const sections: Readonly<Record<string, { en: string; de: string }>> = {
  device: { en: 'The box', de: 'Die Box' },
  broadcast: { en: 'Broadcast', de: 'Sendung' },
  video: { en: 'Picture, in detail', de: 'Bild, im Einzelnen' },
  audio: { en: 'Sound, in detail', de: 'Ton, im Einzelnen' },
  viewing: { en: 'Watching, in detail', de: 'Zusehen, im Einzelnen' },
  hls: { en: 'LL-HLS', de: 'LL-HLS' },
  webrtc: { en: 'WebRTC', de: 'WebRTC' },
  panel: { en: 'Button and lights', de: 'Knopf und Lichter' },
  network: { en: 'Network', de: 'Netz' },
  hub: { en: 'Hub', de: 'Hub' },
  https: { en: 'HTTPS', de: 'HTTPS' },
  ingest: { en: 'Phones and encoders', de: 'Telefone und Encoder' },
  rtsp: { en: 'RTSP', de: 'RTSP' },
  recording: { en: 'Recording', de: 'Aufnahme' },
  overlay: { en: 'Over the picture', de: 'Über dem Bild' },
  camera: { en: 'Camera', de: 'Kamera' },
  mqtt: { en: 'MQTT', de: 'MQTT' },
  webhooks: { en: 'Webhooks', de: 'Webhooks' },
  update: { en: 'Updates', de: 'Aktualisierung' },
};

const places = {
  'top-left': { en: 'Top left', de: 'Oben links' },
  top: { en: 'Top', de: 'Oben' },
  'top-right': { en: 'Top right', de: 'Oben rechts' },
  'bottom-left': { en: 'Bottom left', de: 'Unten links' },
  bottom: { en: 'Bottom', de: 'Unten' },
  'bottom-right': { en: 'Bottom right', de: 'Unten rechts' },
};

const choices: Readonly<Record<string, { en: string; de: string }>> = {
  'viewing.access open': { en: 'Everybody on the network', de: 'Alle im Netz' },
  'viewing.access pin': { en: 'People who know the PIN', de: 'Wer die PIN kennt' },
  'video.encoder auto': { en: 'Automatic', de: 'Automatisch' },
  'video.rotate 0': { en: 'None', de: 'Keine' },
  'video.rotate 90': { en: '90° (portrait)', de: '90° (hochkant)' },
  'video.rotate 180': { en: '180° (upside down)', de: '180° (kopfüber)' },
  'video.rotate 270': { en: '270° (portrait)', de: '270° (hochkant)' },
};

/** A setting's name and help: the schema's description up to its colon, and what follows. */
export function settingWords({ key, description }: Pick<SettingInfo, 'key' | 'description'>): SettingWords {
  const known = language === 'de' ? germanSettings[key] : undefined;
  if (known) return { label: known[0], help: known[1], lang: language };
  const [label = '', help] = description.split(/[:;] (.*)/);
  return { label, help, lang: 'en' };
}

export function sectionName(section: string): string {
  return sections[section]?.[language] ?? section;
}

export function choiceName(key: string, choice: string | number): string {
  const named = /^overlay\.\w*[pP]lace$/.test(key)
    ? places[choice as keyof typeof places]
    : choices[`${key} ${choice}`];
  return named?.[language] ?? String(choice);
}
