import { useEffect, useRef, useState } from 'preact/hooks';
import type { SourceEntry } from '#core/domain/media.ts';
import type { ShownState } from '../../player/shown-state.ts';
import type { BoxStatus } from '../box.ts';
import { Sentences } from '../pieces.tsx';
import { say } from '../say.ts';
import { saidOf } from '../words/finding-words.ts';
import type { StudioKey } from '../words/studio-words.ts';
import { LevelMeter, useHeardLevel, useSourceLevel } from './level-meter.tsx';
import { Preview } from './preview.ts';
import { sourceName } from './source-name.ts';
import { SourceStill } from './source-still.tsx';

const words: Partial<Record<ShownState, StudioKey>> = {
  starting: 'previewStarting',
  retrying: 'previewMissing',
};

interface Props {
  status: BoxStatus;
  onAir: boolean;
  /** What would be on the air; null where the box does not say. */
  source: SourceEntry | null;
  /** Of the countdown; null where nobody counts. */
  secondsLeft: number | null;
}

/** Before the broadcast what the source shows, then what viewers see; and how loud it is. */
export function PreviewCard({ status, onAir, source, secondsLeft }: Props) {
  return (
    <section class="card preview" aria-label={say('preview')}>
      {onAir ? (
        <AirPreview status={status} source={source} />
      ) : (
        <SourcePreview source={source} secondsLeft={secondsLeft} />
      )}
    </section>
  );
}

/** The chosen source, which runs for this alone: nobody else sees it. */
function SourcePreview({ source, secondsLeft }: Pick<Props, 'source' | 'secondsLeft'>) {
  const [seen, setSeen] = useState(false);
  const id = source?.id ?? null;
  const { levelDb, sound, problem } = useSourceLevel(id);
  return (
    <>
      <div class="screen">
        {source && (
          <SourceStill
            id={source.id}
            width={640}
            alt={say('previewOf', { name: sourceName(source) })}
            seen={setSeen}
          />
        )}
        {!seen && (
          <p class="cover">
            {problem && problem.code !== 'unreachable' ? (
              <Sentences said={saidOf(problem)} />
            ) : (
              say(source === null ? 'sourceNone' : 'previewStarting')
            )}
          </p>
        )}
        <p class="tally badge">{say('previewOnly')}</p>
        {secondsLeft !== null && (
          <p class="countdown" aria-hidden="true">
            {secondsLeft}
          </p>
        )}
      </div>
      <LevelMeter levelDb={levelDb} sound={sound} />
    </>
  );
}

/** The viewer's own picture. */
function AirPreview({ status, source }: Pick<Props, 'status' | 'source'>) {
  const video = useRef<HTMLVideoElement>(null);
  const preview = useRef<Preview | null>(null);
  const [shown, setShown] = useState<ShownState>('starting');
  useEffect(() => {
    if (video.current === null) return;
    const made = new Preview({ video: video.current, changed: setShown });
    preview.current = made;
    return () => made.close();
  }, []);
  useEffect(() => {
    preview.current?.hear(status);
  }, [status]);
  const live = shown === 'live';
  const heardDb = useHeardLevel(video, live);
  // Until this browser measures by itself.
  const measured = useSourceLevel(live && heardDb === null ? (source?.id ?? null) : null);
  return (
    <>
      <div class="screen">
        <video ref={video} muted playsInline aria-label={say('previewPicture')} />
        {!live && <p class="cover">{say(words[shown] ?? 'previewNone')}</p>}
      </div>
      <LevelMeter levelDb={heardDb ?? measured.levelDb} sound={measured.sound} />
    </>
  );
}
