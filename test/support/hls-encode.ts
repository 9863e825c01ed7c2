import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { HlsOrigin } from '#control/hls/origin.ts';
import type { Fragment } from '#core/protocol/fragment.ts';
import { GdpReader } from '#media/fragments/gdp-reader.ts';
import { PartPackager } from '#media/fragments/part-packager.ts';

export interface EncodeOptions {
  pipelineId: string;
  partMs: number;
  framesPerSecond?: number;
  keyFrameIntervalSeconds?: number;
  pattern?: string;
}

/** A real encode, 640 × 360 with a tone, cut into parts by media's own packager and handed to an origin. */
export class Encode {
  readonly #child: ChildProcess;
  /** Wall clock of running time 0, as seen at the encoder's output: captured is encoded here. */
  #baseMs = Number.POSITIVE_INFINITY;
  /** `durationSeconds` of each part so far. */
  readonly parts: number[] = [];
  #origin: HlsOrigin;
  #init: Fragment | null = null;

  constructor(origin: HlsOrigin, options: EncodeOptions) {
    this.#origin = origin;
    const {
      pipelineId,
      partMs,
      framesPerSecond = 30,
      keyFrameIntervalSeconds = 1,
      pattern = 'ball',
    } = options;
    const packager = new PartPackager({
      partMs,
      framesPerSecond,
      audioExpected: true,
      onInit: ({ codecs, width, height, bytes }) => {
        this.#init = { header: { kind: 'init', pipelineId, codecs, width, height }, bytes };
        this.#origin.accept(this.#init);
      },
      onPart: ({ sequence, independent, durationSeconds, timeNs, bytes }) => {
        const capturedAtMs = this.#baseMs + timeNs / 1e6;
        this.parts.push(durationSeconds);
        const header = {
          kind: 'part' as const,
          pipelineId,
          sequence,
          independent,
          durationSeconds,
          capturedAtMs,
        };
        this.#origin.accept({ header, bytes });
      },
    });
    const gop = Math.round(keyFrameIntervalSeconds * framesPerSecond);
    const pipeline = `videotestsrc is-live=true pattern=${pattern}
      ! video/x-raw,format=I420,width=640,height=360,framerate=${framesPerSecond}/1
      ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000 key-int-max=${gop} option-string=scenecut=0
      ! video/x-h264,profile=constrained-baseline ! h264parse ! video/x-h264,stream-format=avc,alignment=au
      ! gdppay ! fdsink fd=3 sync=false async=false
      audiotestsrc is-live=true samplesperbuffer=480 ! audio/x-raw,rate=48000,channels=2
      ! voaacenc bitrate=96000 ! audio/mpeg,mpegversion=4,stream-format=raw
      ! gdppay ! fdsink fd=4 sync=false async=false`;
    this.#child = spawn('gst-launch-1.0', ['-q', ...pipeline.split(/\s+/)], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
    });
    const video = new GdpReader({
      caps: (text) => packager.videoCaps(text),
      sample: (sample) => {
        this.#baseMs = Math.min(this.#baseMs, Date.now() - sample.timeNs / 1e6);
        packager.video(sample);
      },
    });
    const audio = new GdpReader({
      caps: (text) => packager.audioCaps(text),
      sample: (sample) => packager.audio(sample),
    });
    (this.#child.stdio[3] as Readable).on('data', (chunk: Buffer) => video.push(chunk));
    (this.#child.stdio[4] as Readable).on('data', (chunk: Buffer) => audio.push(chunk));
  }

  /** Control has died and is back: the link connects to the new one, wherever in a group of pictures that is. */
  moveTo(origin: HlsOrigin): void {
    this.#origin = origin;
    if (this.#init) origin.accept(this.#init);
  }

  /** Killed, as when the real one dies: what was on its way is lost. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await exited;
  }
}
