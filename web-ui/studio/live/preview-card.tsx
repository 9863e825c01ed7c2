import { useEffect, useRef, useState } from 'preact/hooks';
import type { ShownState } from '../../player/shown-state.ts';
import type { BoxStatus } from '../box.ts';
import { say } from '../say.ts';
import type { StudioKey } from '../words/studio-words.ts';
import { LevelMeter } from './level-meter.tsx';
import { Preview } from './preview.ts';

const words: Partial<Record<ShownState, StudioKey>> = {
  starting: 'previewStarting',
  retrying: 'previewMissing',
};

/**
 * What viewers see, small, and how loud it is; before the broadcast what the source shows.
 * @param props.secondsLeft of the countdown; null where nobody counts
 */
export function PreviewCard(props: { status: BoxStatus; onAir: boolean; secondsLeft: number | null }) {
  const { status, onAir, secondsLeft } = props;
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
  const live = onAir && shown === 'live';
  return (
    <section class="card preview" aria-label={say('preview')}>
      <div class="screen">
        <video ref={video} muted playsInline aria-label={say('previewPicture')} />
        {!live && <p class="cover">{say(onAir ? (words[shown] ?? 'previewNone') : 'previewOffAir')}</p>}
        {secondsLeft !== null && (
          <p class="countdown" aria-hidden="true">
            {secondsLeft}
          </p>
        )}
      </div>
      {onAir && <LevelMeter video={video} playing={live} />}
    </section>
  );
}
