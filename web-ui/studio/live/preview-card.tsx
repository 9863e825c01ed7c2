import { useEffect, useRef, useState } from 'preact/hooks';
import type { ShownState } from '../../player/shown-state.ts';
import type { BoxStatus } from '../box.ts';
import { LevelMeter } from './level-meter.tsx';
import { Preview } from './preview.ts';

const words: Partial<Record<ShownState, string>> = {
  starting: 'The picture is on its way',
  offline: 'Not on air',
  retrying: 'Pictures are missing',
};

/** What viewers see, small, and how loud it is. */
export function PreviewCard({ status }: { status: BoxStatus | null }) {
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
    if (status) preview.current?.hear(status);
  }, [status]);
  const live = shown === 'live';
  return (
    <section class="card preview" aria-label="Preview">
      <div class="screen">
        <video ref={video} muted playsInline aria-label="What viewers see" />
        {!live && <p class="cover">{words[shown] ?? 'No picture yet'}</p>}
      </div>
      <LevelMeter video={video} playing={live} />
    </section>
  );
}
