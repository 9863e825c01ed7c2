import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '#core/protocol/client.ts';
import { getSourceLevel } from '#core/protocol/endpoints/sources.ts';
import { operatedBox } from '../../page/api.ts';
import { usePolling } from '../box.ts';
import { figure, say } from '../say.ts';

/** Below this nothing is to be heard, dB of full scale. */
const floorDb = -60;
/** From here on it is about to be distorted. */
const loudDb = -1;
const everyMs = 100;
const askEveryMs = 500;
/** A short sound is seen a little longer than it is heard, as on every mixing desk. */
const fallDb = 2;
/** The loudest is marked for so long. */
const heldForMs = 2_000;

/** The peak of what is played here, in dB of full scale; null while this browser does not measure: it waits for a touch. */
export function useHeardLevel(video: RefObject<HTMLVideoElement | null>, playing: boolean): number | null {
  const [levelDb, setLevelDb] = useState<number | null>(null);
  useEffect(() => {
    const stream = video.current?.srcObject;
    if (!playing || !(stream instanceof MediaStream) || stream.getAudioTracks().length === 0) {
      setLevelDb(null);
      return;
    }
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8_192; // longer than the time between two looks: no sample is missed
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const resume = (): void => void context.resume();
    document.addEventListener('pointerdown', resume);
    document.addEventListener('keydown', resume);
    const timer = setInterval(() => {
      if (context.state !== 'running') return setLevelDb(null);
      analyser.getFloatTimeDomainData(samples);
      setLevelDb(peakOf(samples));
    }, everyMs);
    return () => {
      clearInterval(timer);
      document.removeEventListener('pointerdown', resume);
      document.removeEventListener('keydown', resume);
      void context.close();
    };
  }, [video, playing]);
  return levelDb;
}

/** The level of a source as the box measures it. @param id null asks for none */
export function useSourceLevel(id: string | null): {
  levelDb: number | null;
  sound: boolean | null;
  problem: ApiError | null;
} {
  const { reply, problem } = usePolling(`level ${id}`, id === null ? null : askEveryMs, async () =>
    id === null ? null : await operatedBox.call(getSourceLevel, { params: { id } }),
  );
  const [levelDb, setLevelDb] = useState<number | null>(null);
  // An answer covers the time up to the next one, tenth by tenth.
  useEffect(() => {
    const peaks = (reply?.peaksDb ?? []).slice(-askEveryMs / everyMs);
    if (peaks.length === 0) return setLevelDb(null);
    const timers = peaks.map((peak, at) => setTimeout(() => setLevelDb(peak ?? floorDb), at * everyMs));
    return () => timers.forEach(clearTimeout);
  }, [reply]);
  return { levelDb, sound: reply?.sound ?? null, problem };
}

/** How loud it is, with the loudest of the last seconds. @param props.levelDb null where that is not known */
export function LevelMeter({ levelDb, sound }: { levelDb: number | null; sound: boolean | null }) {
  const [shownDb, setShownDb] = useState(floorDb);
  const held = useRef({ db: floorDb, atMs: 0 });
  useEffect(() => {
    const fresh = levelDb ?? floorDb;
    setShownDb((before) => Math.max(fresh, before - fallDb));
    const nowMs = Date.now();
    if (fresh >= held.current.db || nowMs - held.current.atMs > heldForMs)
      held.current = { db: fresh, atMs: nowMs };
  }, [levelDb]);
  const heldDb = Math.max(held.current.db, shownDb);
  const silent = levelDb === null || heldDb <= floorDb;
  const text =
    sound === false
      ? say('levelNoSound')
      : levelDb === null
        ? say('levelNone')
        : silent
          ? say('levelSilence')
          : heldDb >= loudDb
            ? say('levelLoud')
            : `${figure(Math.round(heldDb))} dB`;
  return (
    <div class={`level ${heldDb >= loudDb && levelDb !== null ? 'loud' : ''}`}>
      <span class="small quiet" id="level-label">
        {say('sound')}
      </span>
      <meter
        class="unseen"
        aria-labelledby="level-label"
        min={0}
        max={100}
        value={shareOf(levelDb === null ? floorDb : shownDb)}
        aria-valuetext={text}
      />
      <div class="bar" aria-hidden="true">
        <span class="now" style={{ inlineSize: `${shareOf(levelDb === null ? floorDb : shownDb)}%` }} />
        {!silent && <span class="held" style={{ insetInlineStart: `${shareOf(heldDb)}%` }} />}
      </div>
      <span class="small figure" aria-hidden="true">
        {text}
      </span>
    </div>
  );
}

const shareOf = (db: number): number => 100 * (1 - Math.max(floorDb, Math.min(0, db)) / floorDb);

function peakOf(samples: Float32Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak === 0 ? floorDb : 20 * Math.log10(peak);
}
