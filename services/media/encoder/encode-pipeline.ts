import type { GStreamer, GstAppSource, GstElement, GstPipeline } from '../gstreamer.ts';
import { elementNames, pipelineText } from './pipeline-text.ts';
import type { PipelinePlan } from './plan.ts';

/** The pipeline that encodes, once built from a plan: what may be done to it while it plays. */
export class EncodePipeline {
  readonly #pipeline: GstPipeline;
  readonly #elements = new Map<string, GstElement | undefined>();
  readonly #pts = Buffer.alloc(8);

  /** @throws Error with GStreamer's message, such as `no element "x264enc"` */
  constructor(gstreamer: GStreamer, plan: PipelinePlan) {
    this.#pipeline = new gstreamer.Pipeline(pipelineText(plan));
  }

  play(): void {
    this.#pipeline.play();
  }

  pushPicture(bytes: Buffer, ptsNs: number): void {
    this.#push(elementNames.pictures, bytes, ptsNs);
  }

  pushSound(bytes: Buffer, ptsNs: number): void {
    this.#push(elementNames.sound, bytes, ptsNs);
  }

  forceKeyFrame(): void {
    this.#pipeline.forceKeyUnit(elementNames.parser, 0);
  }

  /** Where RTP goes from now on; null sends it nowhere. */
  retarget(rtp: PipelinePlan['rtp']): void {
    this.#retargetOne(elementNames.videoValve, elementNames.videoRtp, rtp?.videoPort);
    this.#retargetOne(elementNames.audioValve, elementNames.audioRtp, rtp?.audioPort);
  }

  /** Only x264enc takes it live. */
  setBitrate(bitrateKbps: number): void {
    const encoder = this.#element(elementNames.encoder);
    if (encoder) encoder.bitrate = bitrateKbps;
  }

  #retargetOne(valveName: string, sinkName: string, port: number | undefined): void {
    const valve = this.#element(valveName);
    const sink = this.#element(sinkName);
    if (!valve || !sink) return;
    if (port !== undefined) sink.port = port;
    valve.drop = port === undefined;
  }

  #push(name: string, bytes: Buffer, ptsNs: number): void {
    this.#pts.writeBigUInt64BE(BigInt(Math.max(0, Math.round(ptsNs))));
    (this.#element(name) as GstAppSource | undefined)?.push(bytes, this.#pts);
  }

  // Each look-up takes a reference that is never given back, so there is one of each.
  #element(name: string): GstElement | undefined {
    if (!this.#elements.has(name)) this.#elements.set(name, this.#pipeline.findChild(name));
    return this.#elements.get(name);
  }
}
