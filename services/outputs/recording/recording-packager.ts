import {
  type AudioTrack,
  audioTrackId,
  initSegment,
  videoTimescale,
  videoTrackId,
} from '#core/fmp4/init-segment.ts';
import { mediaSegment, type TrackRun } from '#core/fmp4/media-segment.ts';
import { SampleLine } from '#core/fmp4/sample-line.ts';
import { type BusAudio, type BusStream, type BusVideo, busTimescale } from '#core/protocol/media-bus.ts';

/** A power cut loses what is not synced: half of the second that may be lost. */
const fragmentTicks = videoTimescale / 2;
const audioFrameSamples = 1024;

/** One moof + mdat, ready to be appended. */
export interface RecordedFragment {
  bytes: Buffer;
  /** Of its first picture since the file's first one, in 1/90,000 s. */
  startTicks: number;
  durationTicks: number;
  /** Its first picture is a key frame. */
  key: boolean;
}

/**
 * Packs what the media bus carries into fragments of half a second (ISO/IEC 14496-12, 8.8), with the file's first picture at
 * time 0. A fragment begins with each key frame, so that players can seek to it.
 */
export class RecordingPackager {
  readonly #stream: BusStream;
  readonly #sound: AudioTrack | null;
  readonly #frameTicks: number;
  readonly #video: SampleLine;
  readonly #audio: SampleLine | null;
  #baseTicks: number | null = null;
  #sequence = 0;

  constructor(stream: BusStream) {
    this.#stream = stream;
    const aac = stream.sound.find(({ codec }) => codec === 'aac');
    this.#sound = aac
      ? { sampleRate: aac.sampleRate, channels: aac.channels, specificConfiguration: aac.configuration }
      : null;
    this.#frameTicks = Math.round(videoTimescale / stream.framesPerSecond);
    this.#video = new SampleLine({
      timescale: videoTimescale,
      slackTicks: 2 * this.#frameTicks,
      even: false,
    });
    this.#audio = this.#sound
      ? new SampleLine({
          timescale: this.#sound.sampleRate,
          slackTicks: 2 * audioFrameSamples,
          even: true,
        })
      : null;
  }

  /** What the file begins with. @param createdAtMs null where the clock is not set */
  init(createdAtMs: number | null): Buffer {
    const { width, height, avcConfiguration } = this.#stream;
    return initSegment({ width, height, avcConfiguration }, this.#sound, createdAtMs);
  }

  /** @returns the fragment that this picture completes; a file begins with a key frame, what comes before is left out */
  addVideo({ key, pts, bytes }: BusVideo): RecordedFragment | null {
    if (this.#baseTicks === null) {
      if (!key) return null;
      this.#baseTicks = pts;
    }
    const timeNs = this.#timeNs(pts);
    const length = this.#video.ticksOf(timeNs) - this.#video.start;
    const complete = this.#video.samples.length > 0 && (key || length >= fragmentTicks);
    const fragment = complete ? this.#close(this.#video.ticksOf(timeNs)) : null;
    this.#video.add({ timeNs, sync: key, bytes }, this.#frameTicks);
    return fragment;
  }

  addAudio({ codec, pts, bytes }: BusAudio): void {
    if (codec !== 'aac' || this.#audio === null || this.#baseTicks === null || pts < this.#baseTicks) return;
    this.#audio.add({ timeNs: this.#timeNs(pts), sync: true, bytes }, audioFrameSamples);
  }

  /** The rest, where the file ends. */
  flush(): RecordedFragment | null {
    return this.#video.samples.length > 0 ? this.#close(this.#video.end) : null;
  }

  #timeNs(pts: number): number {
    return ((pts - (this.#baseTicks ?? 0)) * 1e9) / busTimescale;
  }

  /** @param end where the next picture begins: a source that was away is a hole in the last one's duration, not in time */
  #close(end: number): RecordedFragment {
    const { start } = this.#video;
    const key = this.#video.samples[0]?.sync ?? false;
    const last = this.#video.samples.at(-1);
    // No longer than a second: a hole beyond that stays one.
    if (last) last.duration = Math.max(1, Math.min(end - last.start, videoTimescale));
    const runs: TrackRun[] = [
      { trackId: videoTrackId, baseTime: start, samples: this.#video.takeUntil(Number.POSITIVE_INFINITY) },
    ];
    if (this.#audio && this.#sound) {
      const baseTime = this.#audio.start;
      const samples = this.#audio.takeUntil((end * this.#sound.sampleRate) / videoTimescale);
      if (samples.length > 0) runs.push({ trackId: audioTrackId, baseTime, samples });
    }
    this.#sequence += 1;
    return {
      bytes: mediaSegment(this.#sequence, runs),
      startTicks: start,
      durationTicks: Math.max(1, Math.min(end, (last?.start ?? start) + (last?.duration ?? 0)) - start),
      key,
    };
  }
}
