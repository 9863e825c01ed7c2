import type { VideoTrack } from '#core/fmp4/init-segment.ts';
import type { BusCodec, BusSoundTrack, BusStream } from '#core/protocol/media-bus.ts';
import { busTimescale } from '#core/protocol/media-bus.ts';
import { audioTrack, opusTrack, videoTrack } from '../fragments/caps.ts';
import type { EncodedSample } from '../fragments/gdp-reader.ts';
import type { MediaBus } from './media-bus.ts';
import type { BusTimeline } from './timeline.ts';

type Early = { codec: BusCodec | null; sample: EncodedSample; slate: boolean };

/** Sound starts with pictures; what is not there after so long will not be there. */
const soundDeadlineNs = 1e9;
const maxEarly = 500;
const codecs: readonly BusCodec[] = ['aac', 'opus'];
const frameTicks: Record<BusCodec, (sampleRate: number) => number> = {
  aac: (sampleRate) => Math.round((1024 * busTimescale) / sampleRate),
  opus: () => (20 * busTimescale) / 1000,
};

interface RunFeedOptions {
  bus: MediaBus;
  timeline: BusTimeline;
  framesPerSecond: number;
  bitrateKbps: number;
  soundExpected: boolean;
  /** CLOCK_MONOTONIC at running time 0; null before the first frame. */
  startedMonotonicMs: () => number | null;
}

/** What one run of the encoder delivers, put on the media bus. */
export class RunFeed {
  readonly #options: RunFeedOptions;
  readonly #sound = new Map<BusCodec, BusSoundTrack>();
  #video: VideoTrack | null = null;
  /** What came before the stream could be described; null once it is. */
  #early: Early[] | null = [];
  #firstPictureNs: number | null = null;

  constructor(options: RunFeedOptions) {
    this.#options = options;
  }

  /** @param caps GStreamer's text, `stream-format=avc` */
  videoCaps(caps: string): void {
    this.#video ??= videoTrack(caps);
  }

  soundCaps(codec: BusCodec, caps: string): void {
    if (this.#early === null) return;
    const track = codec === 'aac' ? audioTrack(caps) : opusTrack(caps);
    if (track === null) return;
    const { sampleRate, channels, specificConfiguration: configuration } = track;
    this.#sound.set(codec, { codec, sampleRate, channels, configuration });
  }

  video(sample: EncodedSample, slate = false): void {
    if (this.#firstPictureNs === null && !sample.sync) return;
    this.#firstPictureNs ??= sample.timeNs;
    if (this.#early === null) this.#sendVideo(sample, slate);
    else this.#hold({ codec: null, sample, slate });
  }

  sound(codec: BusCodec, sample: EncodedSample, slate = false): void {
    if (this.#early === null) this.#sendSound(codec, sample, slate);
    else this.#hold({ codec, sample, slate });
  }

  #hold(early: Early): void {
    if (this.#early === null) return;
    if (this.#early.length < maxEarly) this.#early.push(early);
    if (this.#video === null || this.#firstPictureNs === null) return;
    const waitedNs = early.sample.timeNs - this.#firstPictureNs;
    const complete = this.#sound.size === codecs.length || !this.#options.soundExpected;
    if (complete || waitedNs >= soundDeadlineNs) this.#begin(this.#video, this.#firstPictureNs);
  }

  #begin({ width, height, avcConfiguration }: VideoTrack, firstNs: number): void {
    const { bus, timeline, framesPerSecond, bitrateKbps, startedMonotonicMs } = this.#options;
    const early = this.#early ?? [];
    this.#early = null;
    timeline.begin(startedMonotonicMs() ?? 0, firstNs);
    const sound = codecs.flatMap((codec) => this.#sound.get(codec) ?? []);
    const stream: BusStream = { width, height, framesPerSecond, bitrateKbps, avcConfiguration, sound };
    bus.describe(stream);
    for (const { codec, sample, slate } of early) {
      if (codec === null) this.#sendVideo(sample, slate);
      else if (sample.timeNs >= firstNs) this.#sendSound(codec, sample, slate);
    }
  }

  #sendVideo({ timeNs, sync, bytes }: EncodedSample, slate: boolean): void {
    const ticks = this.#options.timeline.videoTicks(timeNs);
    this.#options.bus.video({ key: sync, slate, pts: ticks, dts: ticks, bytes });
  }

  #sendSound(codec: BusCodec, { timeNs, bytes }: EncodedSample, slate: boolean): void {
    const track = this.#sound.get(codec);
    if (track === undefined) return;
    const pts = this.#options.timeline.audioTicks(codec, timeNs);
    this.#options.bus.audio({ codec, slate, pts, duration: frameTicks[codec](track.sampleRate), bytes });
  }
}
