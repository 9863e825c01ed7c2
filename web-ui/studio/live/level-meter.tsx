import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { figure, say } from '../say.ts';

/** Below this nothing is to be heard, dBFS. */
const floorDb = -60;
const everyMs = 100;
/** A short sound is seen a little longer than it is heard, as on every mixing desk. */
const fallDb = 2;

/** How loud the preview is, whether it is muted or not. Browsers measure only after a first touch of the page. */
export function LevelMeter({
  video,
  playing,
}: {
  video: RefObject<HTMLVideoElement | null>;
  playing: boolean;
}) {
  const [levelDb, setLevelDb] = useState<number | null>(null);
  useEffect(() => {
    const stream = video.current?.srcObject;
    if (!playing || !(stream instanceof MediaStream) || stream.getAudioTracks().length === 0) {
      setLevelDb(null);
      return;
    }
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const resume = (): void => void context.resume();
    document.addEventListener('pointerdown', resume);
    document.addEventListener('keydown', resume);
    const timer = setInterval(() => {
      if (context.state !== 'running') return setLevelDb(null);
      analyser.getFloatTimeDomainData(samples);
      setLevelDb((before) => Math.max(decibels(samples), (before ?? floorDb) - fallDb));
    }, everyMs);
    return () => {
      clearInterval(timer);
      document.removeEventListener('pointerdown', resume);
      document.removeEventListener('keydown', resume);
      void context.close();
    };
  }, [video, playing]);
  const share = levelDb === null ? 0 : 1 - Math.max(floorDb, Math.min(0, levelDb)) / floorDb;
  const text =
    levelDb === null
      ? say('levelNone')
      : levelDb <= floorDb
        ? say('levelSilence')
        : `${figure(Math.round(levelDb))} dB`;
  return (
    <div class="level">
      <span class="small quiet" id="level-label">
        {say('sound')}
      </span>
      <meter
        aria-labelledby="level-label"
        min={0}
        max={1}
        low={0.3}
        high={0.95}
        optimum={0.6}
        value={share}
        aria-valuetext={text}
      />
      <span class="small quiet figure" aria-hidden="true">
        {text}
      </span>
    </div>
  );
}

/** Root mean square, dBFS. */
function decibels(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum === 0 ? floorDb : 10 * Math.log10(sum / samples.length);
}
