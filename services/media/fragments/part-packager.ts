import {
  type AudioTrack,
  audioTrackId,
  initSegment,
  type VideoTrack,
  videoTimescale,
  videoTrackId,
} from '#core/fmp4/init-segment.ts';
import { mediaSegment, type TrackRun } from '#core/fmp4/media-segment.ts';
import { SampleLine } from '#core/fmp4/sample-line.ts';
import { audioTrack, codecsOf, videoTrack } from './caps.ts';
import type { EncodedSample } from './gdp-reader.ts';

export interface InitSegment {
  codecs: string;
  width: number;
  height: number;
  audio: boolean;
  bytes: Buffer;
}

export interface Part {
  sequence: number;
  independent: boolean;
  durationSeconds: number;
  /** Running time at which it begins. */
  timeNs: number;
  bytes: Buffer;
}

interface PackagerOptions {
  partMs: number;
  framesPerSecond: number;
  /** Sound is meant to come: the initialisation segment waits for it, 1 s of pictures at most. */
  audioExpected: boolean;
  onInit: (init: InitSegment) => void;
  onPart: (part: Part) => void;
}

/** The encoder changed its parameter sets in mid-stream: only a new pipeline can be told to players. */
export class FormatChangedError extends Error {}

/** An AAC-LC frame. */
const audioFrameSamples = 1024;
/**
 * How far a part may be from as many whole frames as fit into `partMs`: PART-TARGET is 5 % above that, and each part
 * has to reach 85 % of it (4.4.4.9), however irregular the frames are.
 */
const shortestPart = 0.9;
const longestPart = 1.02;

/**
 * Cuts encoded frames into LL-HLS parts (draft-pantos-hls-rfc8216bis, 4.4.4.9): a part is one moof + mdat
 * with the pictures and the sound up to its end. It is closed the moment its last picture is encoded, when
 * one more would make it longer than `partMs`, and before every key frame; so a short one stands only before
 * a key frame. A part holds at least one picture, however long that lasts. Parts follow each other without a
 * hole: where pictures stayed away, the picture before lasts longer, or the one after begins earlier, so that
 * what the playlist says of durations is the time that has passed.
 */
export class PartPackager {
  readonly #options: PackagerOptions;
  readonly #frameTicks: number;
  readonly #shortestTicks: number;
  readonly #longestTicks: number;
  readonly #video: SampleLine;
  #videoTrack: VideoTrack | null = null;
  #audioTrack: AudioTrack | null = null;
  #audio: SampleLine | null = null;
  /** What came before the initialisation segment could be made; null once it is out. */
  #early: { video: EncodedSample[]; audio: EncodedSample[] } | null = { video: [], audio: [] };
  /** Sound from before the first picture is left out. */
  #firstNs = 0;
  #sequence = 0;

  constructor(options: PackagerOptions) {
    this.#options = options;
    this.#frameTicks = Math.round(videoTimescale / options.framesPerSecond);
    // Half a tick of rounding for each frame must not cost the last of them.
    const askedTicks = (options.partMs * videoTimescale) / 1000 + options.framesPerSecond;
    const wholeTicks = Math.max(1, Math.floor(askedTicks / this.#frameTicks)) * this.#frameTicks;
    this.#shortestTicks = Math.ceil(shortestPart * wholeTicks);
    this.#longestTicks = Math.floor(longestPart * wholeTicks);
    this.#video = new SampleLine({
      timescale: videoTimescale,
      slackTicks: Number.POSITIVE_INFINITY,
      even: false,
    });
  }

  /** @throws FormatChangedError */
  videoCaps(caps: string): void {
    const track = videoTrack(caps);
    if (track === null) return;
    if (this.#videoTrack && !Buffer.from(this.#videoTrack.avcConfiguration).equals(track.avcConfiguration)) {
      throw new FormatChangedError('the encoder changed its parameter sets in mid-stream');
    }
    this.#videoTrack = track;
  }

  audioCaps(caps: string): void {
    if (this.#early) this.#audioTrack ??= audioTrack(caps);
    if (this.#early && this.#early.video.length > 0) this.#begin();
  }

  video(sample: EncodedSample): void {
    if (this.#early) {
      const { video } = this.#early;
      if (video.length === 0 && !sample.sync) return;
      video.push(sample);
      const waited = sample.timeNs - (video[0]?.timeNs ?? 0);
      if (this.#audioTrack !== null || !this.#options.audioExpected || waited >= 1e9) this.#begin();
      return;
    }
    this.#addVideo(sample);
  }

  audio(sample: EncodedSample): void {
    if (this.#early) {
      // Bounded: sound alone, without pictures, is about to be ended as a stall.
      if (this.#early.audio.length < 500) this.#early.audio.push(sample);
    } else if (this.#audio && this.#audio.samples.length < 500 && sample.timeNs >= this.#firstNs) {
      this.#audio.add(sample, audioFrameSamples);
    }
  }

  #begin(): void {
    const early = this.#early;
    const video = this.#videoTrack;
    if (early === null || video === null) return;
    const audio = this.#audioTrack;
    this.#early = null;
    const { width, height } = video;
    const bytes = initSegment(video, audio);
    this.#options.onInit({ codecs: codecsOf(video, audio), width, height, audio: audio !== null, bytes });
    if (audio) {
      this.#audio = new SampleLine({
        timescale: audio.sampleRate,
        slackTicks: 2 * audioFrameSamples,
        even: true,
      });
      this.#firstNs = early.video[0]?.timeNs ?? 0;
      for (const sample of early.audio) this.audio(sample);
    }
    for (const sample of early.video) this.#addVideo(sample);
  }

  #addVideo(sample: EncodedSample): void {
    const line = this.#video;
    if (line.samples.length > 0) {
      const begins = line.ticksOf(sample.timeNs);
      const tooLong = begins + this.#frameTicks - line.start > this.#longestTicks;
      if (sample.sync || tooLong) {
        const leastEnd = tooLong ? line.start + this.#shortestTicks : line.end;
        line.stretchTo(Math.max(leastEnd, Math.min(begins, line.start + this.#longestTicks)));
        this.#close();
      }
    }
    line.add(sample, this.#frameTicks);
    const ticks = line.end - line.start;
    if (ticks >= this.#shortestTicks && ticks + this.#frameTicks > this.#longestTicks) this.#close();
  }

  #close(): void {
    const independent = this.#video.samples[0]?.sync ?? false;
    const start = this.#video.start;
    const end = this.#video.end;
    const runs: TrackRun[] = [
      { trackId: videoTrackId, baseTime: start, samples: this.#video.takeUntil(end) },
    ];
    if (this.#audio && this.#audioTrack) {
      const baseTime = this.#audio.start;
      const samples = this.#audio.takeUntil((end * this.#audioTrack.sampleRate) / videoTimescale);
      if (samples.length > 0) runs.push({ trackId: audioTrackId, baseTime, samples });
    }
    this.#options.onPart({
      sequence: this.#sequence,
      independent,
      durationSeconds: (end - start) / videoTimescale,
      timeNs: Math.round((start * 1e9) / videoTimescale),
      bytes: mediaSegment(this.#sequence + 1, runs),
    });
    this.#sequence += 1;
  }
}
