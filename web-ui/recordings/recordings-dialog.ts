import { ApiError } from '#core/protocol/client.ts';
import { pathFor } from '#core/protocol/endpoint.ts';
import {
  downloadRecording,
  getRecordingThumbnail,
  listRecordings,
  type RecordingBody,
} from '#core/protocol/endpoints/recordings.ts';
import { callApi } from '../page/api.ts';
import { openDialog } from '../page/dialog.ts';
import { make, setText } from '../page/elements.ts';
import { type Language, type Say, speaker } from '../page/language.ts';
import { problemText } from '../page/problem-words.ts';
import { type RecordingsKey, recordingsWords } from './words.ts';

const thumbnailWidth = 160;

/** Shows viewers what was recorded, where the operator lets them see it (`viewing.recordings`). */
export async function openRecordings({ language }: { language: Language }): Promise<void> {
  const say = speaker(recordingsWords, language);
  const content = make('div', { class: 'recordings' });
  const play = (file: RecordingBody): void => {
    content.replaceChildren(playerOf(file, say, language, () => content.replaceChildren(list)));
  };
  const list = await callApi(listRecordings).then(
    ({ recordings }) => listOf(recordings, say, language, play),
    (error: unknown) => make('p', { class: 'wrong', role: 'alert' }, problemText(language, problemOf(error))),
  );
  content.append(list);
  openDialog({ heading: say('heading'), closeLabel: say('close'), content: [content] });
}

function problemOf(error: unknown): { code: string; message: string } {
  return error instanceof ApiError ? error : { code: 'internal', message: String(error) };
}

function listOf(
  recordings: readonly RecordingBody[],
  say: Say<RecordingsKey>,
  language: Language,
  play: (file: RecordingBody) => void,
): HTMLElement {
  if (recordings.length === 0) return make('p', {}, say('none'));
  return make('ul', {}, ...recordings.map((file) => entryOf(file, say, language, play)));
}

function entryOf(
  file: RecordingBody,
  say: Say<RecordingsKey>,
  language: Language,
  play: (file: RecordingBody) => void,
): HTMLElement {
  const name = nameOf(file, language);
  const picture = make('img', {
    src: pathFor(getRecordingThumbnail, { id: file.id }, { width: thumbnailWidth }),
    alt: '',
    loading: 'lazy',
    width: thumbnailWidth,
    height: 90,
  });
  picture.addEventListener('error', () => {
    picture.hidden = true; // not every recording has one
  });
  const facts = file.state === 'recording' ? say('running') : lasted(file.durationSeconds);
  const button = make(
    'button',
    { type: 'button', class: 'open' },
    make('span', { class: 'unseen' }, `${say('play')} `),
    picture,
    make('span', {}, make('span', { dir: 'auto' }, name), make('span', { class: 'quiet small' }, facts)),
  );
  button.addEventListener('click', () => play(file));
  return make('li', {}, button, downloadOf(file, name, say));
}

function downloadOf({ id }: RecordingBody, name: string, say: Say<RecordingsKey>): HTMLElement {
  return make(
    'a',
    {
      class: 'button',
      href: pathFor(downloadRecording, { id }),
      download: true,
      'aria-label': say('downloadOf', { name }),
    },
    say('download'),
  );
}

function playerOf(
  file: RecordingBody,
  say: Say<RecordingsKey>,
  language: Language,
  back: () => void,
): HTMLElement {
  const name = nameOf(file, language);
  const video = make('video', {
    src: pathFor(downloadRecording, { id: file.id }),
    controls: true,
    autoplay: true,
    playsinline: true,
    'aria-label': name,
  });
  const trouble = make('p', { class: 'wrong', role: 'alert' });
  video.addEventListener('error', () => setText(trouble, say('unplayable')));
  const all = make('button', { type: 'button', class: 'button' }, say('all'));
  all.addEventListener('click', back);
  return make(
    'div',
    { class: 'playing' },
    make('p', { dir: 'auto' }, name),
    video,
    trouble,
    make('div', { class: 'row' }, all, downloadOf(file, name, say)),
  );
}

/** "30/11/2026, 18:00"; one that was made without a clock has its file's name alone. */
function nameOf({ id, startTime }: RecordingBody, language: Language): string {
  if (startTime === null) return id;
  const locale = navigator.languages.find((tag) => tag.startsWith(language)) ?? language;
  return new Date(startTime).toLocaleString(locale, { dateStyle: 'short', timeStyle: 'short' });
}

/** "0:42", "1:02:03" */
function lasted(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
