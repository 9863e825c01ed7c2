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
  /** Running time of its first picture. */
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
 * Cuts encoded frames into LL-HLS parts (draft-pantos-hls-rfc8216bis, 4.4.4.9): a part is one moof + mdat
 * with the pictures and the sound up to its end. It is closed the moment its last picture is encoded, when
 * one more would make it longer than `partMs`, and before every key frame; so a short one stands only before
 * a key frame. A part holds at least one picture, however long that lasts.
 */
export class PartPackager {
  readonly #options: PackagerOptions;
  readonly #frameTicks: number;
  readonly #partTicks: number;
  readonly #video: SampleLine;
  #videoTrack: VideoTrack | null = null;
  #audioTrack: AudioTrack | null = null;
  #audio: SampleLine | null = null;
  /** What came before the initialisation segment could be made; null once it is out. */
  #early: { video: EncodedSample[]; audio: EncodedSample[] } | null = { video: [], audio: [] };
  /** Sound from before the first picture is left out. */
  #firstNs = 0;
  #partTimeNs = 0;
  #sequence = 0;

  constructor(options: PackagerOptions) {
    this.#options = options;
    this.#frameTicks = Math.round(videoTimescale / options.framesPerSecond);
    // Half a tick of rounding for each frame must not cost the last of them.
    this.#partTicks = (options.partMs * videoTimescale) / 1000 + options.framesPerSecond;
    this.#video = new SampleLine({
      timescale: videoTimescale,
      slackTicks: 2 * this.#frameTicks,
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
    if (this.#video.samples.length > 0) {
      const end = this.#video.ticksOf(sample.timeNs) + this.#frameTicks;
      if (sample.sync || end - this.#video.start > this.#partTicks) this.#close();
    }
    if (this.#video.samples.length === 0) this.#partTimeNs = sample.timeNs;
    this.#video.add(sample, this.#frameTicks);
    if (this.#video.end + this.#frameTicks - this.#video.start > this.#partTicks) this.#close();
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
      timeNs: this.#partTimeNs,
      bytes: mediaSegment(this.#sequence + 1, runs),
    });
    this.#sequence += 1;
  }
}
