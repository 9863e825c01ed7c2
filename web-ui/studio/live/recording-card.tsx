import { useState } from 'preact/hooks';
import { pathFor } from '#core/protocol/endpoint.ts';
import {
  deleteRecording,
  downloadRecording,
  getRecording,
  getRecordingThumbnail,
  listRecordings,
  type RecordingBody,
  startRecording,
  stopRecording,
} from '#core/protocol/endpoints/recordings.ts';
import { operatedBox } from '../../page/api.ts';
import { useAct, usePolled } from '../box.ts';
import { Card, Confirm, Icon, Problem, Trouble } from '../pieces.tsx';
import { bytesText, clockTime, lasted, locale, say } from '../say.ts';
import { saidOf } from '../words/finding-words.ts';
import { RecordingPlayer } from './recording-player.tsx';

/** Recording, with what room is left, and what was recorded. */
export function RecordingCard({ onAir }: { onAir: boolean }) {
  const recorder = usePolled(getRecording, 3_000);
  const files = usePolled(listRecordings, 10_000);
  const [playing, setPlaying] = useState<RecordingBody | null>(null);
  const [removing, setRemoving] = useState<RecordingBody | null>(null);
  const { busy, problem, act } = useAct();
  if (recorder.reply === null) return null;
  const { state, reason, durationSeconds, storage } = recorder.reply;
  const runs = state !== 'off';
  const change = (): void =>
    void act(async () => {
      await operatedBox.call(runs ? stopRecording : startRecording);
      recorder.again();
      files.again();
    });
  const remove = ({ id }: RecordingBody): void => {
    setRemoving(null);
    void act(async () => {
      await operatedBox.call(deleteRecording, { params: { id } });
      files.again();
    });
  };
  const place = say(storage.kind === 'usb' ? 'recordingUsb' : 'recordingCard');
  const left =
    storage.minutesLeft === 0
      ? say('recordingNoRoom', { place })
      : say('recordingLeft', { time: lasting(storage.minutesLeft), place });
  return (
    <Card heading={say('recording')} help={left} class="stack">
      <div class="row">
        <button type="button" class="button" disabled={busy || (!runs && !onAir)} onClick={change}>
          <Icon name={runs ? 'stop' : 'live'} />
          {say(runs ? 'recordingStop' : 'recordingStart')}
        </button>
        {runs && (
          <span class={`badge ${state === 'recording' ? 'live' : 'warn'}`}>
            {say(`recording-${state}`)} {lasted(durationSeconds)}
          </span>
        )}
      </div>
      {reason && <Trouble said={saidOf(reason)} />}
      <Problem of={problem} />
      <ul class="list">
        {(files.reply?.recordings ?? []).map((file) => (
          <li key={file.id}>
            <Thumbnail file={file} />
            <span class="grow">
              {nameOf(file)}
              <span class="small quiet block">
                {lasted(file.durationSeconds)} · {bytesText(file.bytes)}
              </span>
            </span>
            {file.state !== 'recording' && (
              <>
                <button type="button" class="button" onClick={() => setPlaying(file)}>
                  <Icon name="play" />
                  {say('recordingPlay')}
                  <span class="unseen"> {nameOf(file)}</span>
                </button>
                <a class="button" href={pathFor(downloadRecording, { id: file.id })} download>
                  <Icon name="save" />
                  {say('download')}
                  <span class="unseen"> {nameOf(file)}</span>
                </a>
                <button type="button" class="button danger" disabled={busy} onClick={() => setRemoving(file)}>
                  {say('remove')}
                  <span class="unseen"> {nameOf(file)}</span>
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
      {playing && (
        <RecordingPlayer
          name={nameOf(playing)}
          address={pathFor(downloadRecording, { id: playing.id })}
          durationSeconds={playing.durationSeconds}
          close={() => setPlaying(null)}
        />
      )}
      {removing && (
        <Confirm
          heading={say('recordingRemove', { name: nameOf(removing) })}
          text={say('recordingRemoveText')}
          yes={say('remove')}
          danger
          onYes={() => remove(removing)}
          onNo={() => setRemoving(null)}
        />
      )}
    </Card>
  );
}

/** "30/11/2026, 18:00"; a box without a clock has only its number. */
function nameOf({ id, startTime }: RecordingBody): string {
  return startTime ? `${new Date(startTime).toLocaleDateString(locale)}, ${clockTime(startTime)}` : id;
}

/** "3 h 20 min", "45 min" */
function lasting(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return hours === 0 ? `${rest} min` : hours < 10 ? `${hours} h ${rest} min` : `${hours} h`;
}

/** Not every recording has one. */
function Thumbnail({ file: { id } }: { file: RecordingBody }) {
  const [there, setThere] = useState(true);
  return (
    <span class="thumbnail" aria-hidden="true">
      {there ? (
        <img
          src={pathFor(getRecordingThumbnail, { id })}
          alt=""
          loading="lazy"
          onError={() => setThere(false)}
        />
      ) : (
        <Icon name="camera" />
      )}
    </span>
  );
}
