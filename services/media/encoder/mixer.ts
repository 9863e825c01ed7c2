import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { i420Bytes } from '../sources/frame-file.ts';
import type { EncodePipeline } from './encode-pipeline.ts';
import { FrameInput } from './frame-input.ts';
import { OverlayPainter } from './overlay-painter.ts';
import { PictureLine } from './picture-line.ts';
import {
  type AirPlan,
  type FromPipeline,
  nothingOnAir,
  type PipelinePlan,
  type SlatePlan,
  type SoundControls,
} from './plan.ts';
import { Slate } from './slate.ts';
import { SoundLine } from './sound-line.ts';

interface Deps {
  plan: PipelinePlan;
  pipeline: EncodePipeline;
  notify: (message: FromPipeline) => void;
}

/** Joins the source processes to the encoder: who is connected, who is seen, who is heard. */
export class Mixer {
  readonly #deps: Deps;
  readonly #inputs = new Map<string, { socketPath: string; input: FrameInput }>();
  #pictures: PictureLine | null = null;
  #sound: SoundLine | null = null;
  #slate: Slate | null = null;
  #slatePlan: SlatePlan;
  #controls: SoundControls = { muted: false, gainDb: 0, delayMs: 0 };
  #air: AirPlan = nothingOnAir;
  #overlayInput: { socketPath: string; input: FrameInput } | null = null;
  /** Null where nothing is drawn over the pictures: they then pass as they are. */
  #overlay: OverlayPainter | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#slatePlan = deps.plan.slate;
  }

  start(): void {
    const { video, baseMonotonicMs: baseMs, sound } = this.#deps.plan;
    this.#pictures = new PictureLine({
      framesPerSecond: video.framesPerSecond,
      pictureBytes: i420Bytes(video.width, video.height),
      clock,
      baseMs,
      paintSlate: (nowMs, background) => this.#paintSlate(nowMs, background),
      push: (bytes, timeNs) => {
        this.#sound?.start();
        this.#deps.pipeline.pushPicture(this.#overlay?.paint(bytes) ?? bytes, timeNs);
      },
      onShowing: (id) => this.#show(id),
      onFresh: (id, fresh) => this.#deps.notify({ type: 'fresh', id, fresh }),
    });
    if (sound) {
      this.#sound = new SoundLine({
        clock,
        baseMs,
        push: (bytes, timeNs) => this.#deps.pipeline.pushSound(bytes, timeNs),
        onLevel: (peakDb) => this.#deps.notify({ type: 'level', peakDb }),
      });
      this.#sound.setControls(this.#controls);
    }
    this.setAir(this.#air);
  }

  setAir(air: AirPlan): void {
    this.#air = air;
    if (this.#pictures === null) return;
    const wanted = new Map(air.sources.map((source) => [source.id, source]));
    for (const [id, { socketPath, input }] of this.#inputs) {
      if (wanted.get(id)?.socketPath === socketPath) continue;
      input.close();
      this.#inputs.delete(id);
    }
    for (const { id, socketPath } of air.sources) {
      if (!this.#inputs.has(id)) this.#inputs.set(id, { socketPath, input: this.#connect(id, socketPath) });
    }
    this.#followOverlay(air.overlaySocket);
    const inputs = new Map([...this.#inputs].map(([id, { input }]) => [id, input]));
    this.#pictures.setPlan(air, inputs);
    this.#hear(this.#pictures.showing);
  }

  setSound(controls: SoundControls): void {
    this.#controls = controls;
    this.#sound?.setControls(controls);
  }

  setSlate(plan: SlatePlan): void {
    this.#slatePlan = plan;
    if (this.#slate) this.#slate.plan = plan;
  }

  #connect(id: string, socketPath: string): FrameInput {
    const input = new FrameInput({
      socketPath,
      width: this.#deps.plan.video.width,
      height: this.#deps.plan.video.height,
      onPicture: (capturedMs) => this.#pictures?.arrived(id, capturedMs),
      onSound: (samples, capturedMs) => this.#sound?.arrived(id, samples, capturedMs),
    });
    input.start();
    return input;
  }

  /** What was drawn stays until a process that was started again delivers. */
  #followOverlay(socketPath: string | null): void {
    if (socketPath === (this.#overlayInput?.socketPath ?? null)) return;
    this.#overlayInput?.input.close();
    this.#overlayInput = null;
    if (socketPath === null) {
      this.#overlay = null;
      return;
    }
    const { width, height } = this.#deps.plan.video;
    const input = new FrameInput({
      socketPath,
      width,
      height: 2 * height,
      onPicture: () => {
        this.#overlay ??= new OverlayPainter(width, height);
        this.#overlay.take(input);
      },
      onSound: () => {},
    });
    this.#overlayInput = { socketPath, input };
    input.start();
  }

  #show(id: string): void {
    this.#deps.notify({ type: 'showing', id });
    this.#hear(id);
    // What was on the air before is of no use to predict this from.
    this.#deps.pipeline.forceKeyFrame();
  }

  #hear(showing: string | null): void {
    this.#sound?.take(this.#air.order.find(({ id }) => id === showing)?.sound ?? null);
  }

  /** Drawn when it is first needed: most broadcasts never do. */
  #paintSlate(nowMs: number, background: Buffer | null): Buffer {
    this.#slate ??= new Slate(this.#deps.plan.video.width, this.#deps.plan.video.height, this.#slatePlan);
    return this.#slate.paint(nowMs, background);
  }
}
