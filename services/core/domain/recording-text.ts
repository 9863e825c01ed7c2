import type { RecordingBody, RecordingState } from '../protocol/endpoints/recordings.ts';

/** "1:02:03" */
export function clockText(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;

/** What people read of the recorder. */
export function recordingStateText({ state, reason, id, durationSeconds, storage }: RecordingState): string {
  const place = storage.kind === 'usb' ? 'the USB disk' : 'the card';
  const room = `${storage.minutesLeft} minutes are left on ${place}.`;
  const why = reason ? ` ${reason.message} ${reason.action}` : '';
  if (state === 'recording')
    return `Recording ${id ?? ''} since ${clockText(durationSeconds)}. ${room}${why}`;
  if (state === 'waiting') return `Recording begins with the first picture.${why}`;
  if (state === 'failed') return `The recording has ended.${why}`;
  return 'Not recording.';
}

/** What people read of what was recorded. */
export function recordingsText({
  recordings,
  storage,
}: {
  recordings: RecordingBody[];
  storage: RecordingState['storage'];
}): string {
  if (recordings.length === 0) return 'Nothing was recorded yet. Start with: record';
  const width = Math.max(...recordings.map(({ id }) => id.length));
  const lines = recordings.map(({ id, durationSeconds, bytes, state }) => {
    const note =
      state === 'complete' ? '' : state === 'recording' ? '  being written' : '  cut off by a power failure';
    return `${id.padEnd(width)}  ${clockText(durationSeconds).padStart(8)}  ${megabytes(bytes).padStart(9)}${note}`;
  });
  const place = storage.kind === 'usb' ? 'USB disk' : 'card';
  return [...lines, `${storage.minutesLeft} minutes are left on the ${place}.`].join('\n');
}
