import { languageOf, speaker } from '../page/language.ts';
import { studioWords } from './words/studio-words.ts';

/** What this browser prefers of what the studio speaks. */
export const language = languageOf(navigator.languages);

/** The same with its country, which writes dates and times in its own way: "en-GB". */
export const locale =
  navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;

/** Says one of the studio's words. */
export const say = speaker(studioWords, language);

/** A number as the language writes it. */
export function figure(value: number, digits = 0): string {
  return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** "12:05", as the language writes it. */
export function clockTime(iso: string): string {
  return new Date(iso).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
}

/** "0:42", "1:02:03". */
export function lasted(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** "just now", "4 min ago", "yesterday" would need a calendar: after a day the date says it. */
export function ago(iso: string, nowMs = Date.now()): string {
  const seconds = Math.max(0, (nowMs - Date.parse(iso)) / 1_000);
  if (seconds < 45) return say('justNow');
  if (seconds < 3_600) return say('minutesAgo', { count: Math.max(1, Math.round(seconds / 60)) });
  if (seconds < 86_400) return say('hoursAgo', { count: Math.round(seconds / 3_600) });
  return new Date(iso).toLocaleDateString(locale);
}

/** "14.2 GB", "14,2 GB". */
export function bytesText(bytes: number): string {
  return bytes >= 1e9 ? `${figure(bytes / 1e9, 1)} GB` : `${figure(bytes / 1e6)} MB`;
}
