import type { GStreamer, GstAppSource, GstElement, GstPipeline } from '../gstreamer.ts';
import { HardwareEncoder, type V4l2Addon } from './hardware-encoder.ts';
import { elementNames, pipelineText } from './pipeline-text.ts';
import type { PipelinePlan, StandIn } from './plan.ts';

/** The pipeline that encodes, once built from a plan: what may be done to it while it plays. */
export class EncodePipeline {
  readonly #pipeline: GstPipeline;
  readonly #elements = new Map<string, GstElement | undefined>();
  readonly #pts = Buffer.alloc(8);
  readonly #hardware: HardwareEncoder | null;
  /** Why x264enc encodes and not the hardware that the plan names. */
  readonly standIn: StandIn | null;

  /** @throws Error with GStreamer's message, such as `no element "x264enc"` */
  constructor(gstreamer: GStreamer, plan: PipelinePlan, addon: V4l2Addon | null) {
    const made = plan.device === null ? null : onHardware(gstreamer, plan, { addon, path: plan.device });
    this.standIn = made !== null && 'code' in made ? made : null;
    this.#hardware = made !== null && 'hardware' in made ? made.hardware : null;
    this.#pipeline =
      made !== null && 'pipeline' in made
        ? made.pipeline
        : new gstreamer.Pipeline(pipelineText({ ...plan, encoder: 'x264enc' }));
  }

  /** The bitrate can be changed while it plays. */
  get liveBitrate(): boolean {
    return this.#hardware === null || this.#hardware.hasControls;
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
    if (this.#hardware?.hasControls) this.#hardware.forceKeyFrame();
    else this.#pipeline.forceKeyUnit(elementNames.parser, 0);
  }

  /** Where RTP goes from now on; null sends it nowhere. */
  retarget(rtp: PipelinePlan['rtp']): void {
    this.#retargetOne(elementNames.videoValve, elementNames.videoRtp, rtp?.videoPort);
    this.#retargetOne(elementNames.audioValve, elementNames.audioRtp, rtp?.audioPort);
  }

  /** @throws Error with the system's code where the hardware refuses it */
  setBitrate(bitrateKbps: number): void {
    if (this.#hardware) {
      this.#hardware.setBitrate(bitrateKbps);
      return;
    }
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

/**
 * A process that loaded GStreamer before the device was there does not know the element. @returns why x264enc has to stand in,
 * where it has to
 */
function onHardware(
  gstreamer: GStreamer,
  plan: PipelinePlan,
  options: { addon: V4l2Addon | null; path: string },
): { hardware: HardwareEncoder; pipeline: GstPipeline } | StandIn {
  const hardware = new HardwareEncoder(options);
  const fit = hardware.fit(plan.video);
  if ('code' in fit) return fit;
  try {
    return { hardware, pipeline: new gstreamer.Pipeline(pipelineText(plan, fit.level)) };
  } catch (error) {
    if (/no element "v4l2h264enc"/.test((error as Error).message))
      return { code: 'encoder-missing', detail: options.path };
    throw error;
  }
}
