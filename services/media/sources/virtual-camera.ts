import {
  type CameraControlName,
  type CameraControlValue,
  flipChoices,
  type OfferedControl,
} from '#core/domain/camera.ts';
import {
  type GstAppSink,
  type GstAppSource,
  type GstElement,
  type GstPipeline,
  loadGStreamer,
} from '../gstreamer.ts';
import type { CameraHardware } from './adjustable-camera.ts';
import type { SourcePlan } from './contract.ts';
import { chain } from './picture-text.ts';

const percent = (maximum: number, minimum: number) => ({ minimum, maximum, step: 1 });

/** What the test picture offers, as a camera would. */
export const virtualControls: OfferedControl[] = [
  { name: 'brightness', range: percent(100, -100), choices: [], default: 0 },
  { name: 'contrast', range: percent(200, 0), choices: [], default: 100 },
  { name: 'saturation', range: percent(200, 0), choices: [], default: 100 },
  { name: 'flip', range: null, choices: [...flipChoices], default: 'none' },
];

/** As `videoflip` names them. The binding sets no property that is one of several words: it stands in the text. */
const directions: Readonly<Record<string, string>> = { both: '180', horizontal: 'horiz', vertical: 'vert' };

/** Every value in it is a number or a word of ours. */
export function virtualCameraText(
  { width, height, framesPerSecond }: SourcePlan['video'],
  flip: CameraControlValue,
): string {
  const direction = directions[String(flip)];
  return chain(
    `appsrc name=painted is-live=true format=time max-buffers=2 max-bytes=0 leaky-type=downstream caps="video/x-raw,format=I420,width=${width},height=${height},framerate=${framesPerSecond}/1,pixel-aspect-ratio=1/1,interlace-mode=progressive,colorimetry=bt709"`,
    'videobalance name=balance',
    direction ? `videoflip video-direction=${direction}` : null,
    'appsink name=adjusted sync=false async=false max-buffers=2 drop=true',
  );
}

interface Adjusting {
  pipeline: GstPipeline;
  painted: GstAppSource;
  balance: GstElement;
  /** When each picture in it was captured. */
  underWay: number[];
}

/** The test picture as a camera whose picture can be adjusted. Until something is, pictures pass as they are painted. */
export class VirtualCamera implements CameraHardware {
  readonly offered = virtualControls;
  readonly inForce: ReadonlyMap<CameraControlName, CameraControlValue> = new Map(
    virtualControls.map((control) => [control.name, control.default]),
  );
  readonly #video: SourcePlan['video'];
  readonly #deliver: (bytes: Buffer, capturedMs: number) => void;
  readonly #pts = Buffer.alloc(8);
  readonly #set = new Map(this.inForce);
  #adjusting: Adjusting | null = null;

  constructor(video: SourcePlan['video'], deliver: (bytes: Buffer, capturedMs: number) => void) {
    this.#video = video;
    this.#deliver = deliver;
  }

  picture(bytes: Buffer, capturedMs: number): void {
    if (this.#adjusting === null) {
      this.#deliver(bytes, capturedMs);
      return;
    }
    const { painted, underWay } = this.#adjusting;
    // What stands still loses pictures, never memory.
    if (underWay.length >= 2) return;
    underWay.push(capturedMs);
    this.#pts.writeBigUInt64BE(BigInt(Math.round(capturedMs * 1e6)));
    painted.push(bytes, this.#pts);
  }

  apply(name: CameraControlName, value: CameraControlValue): void {
    this.#set.set(name, value);
    if (name === 'flip') this.close();
    if ([...this.#set].every(([each, now]) => this.inForce.get(each) === now)) {
      this.close();
      return;
    }
    this.#adjusting ??= this.#open();
    const { balance } = this.#adjusting;
    for (const each of ['brightness', 'contrast', 'saturation'] as const)
      balance[each] = Number(this.#set.get(each)) / 100;
  }

  /** Pictures pass as they are painted. */
  close(): void {
    this.#adjusting?.pipeline.stop();
    this.#adjusting = null;
  }

  #open(): Adjusting {
    const text = virtualCameraText(this.#video, this.#set.get('flip') ?? 'none');
    const pipeline = new (loadGStreamer().Pipeline)(text);
    const sink = pipeline.findChild('adjusted') as GstAppSink;
    const underWay: number[] = [];
    const pull = (): void =>
      sink.pull((bytes) => {
        if (bytes === null) return;
        this.#deliver(bytes, underWay.shift() ?? 0);
        pull();
      });
    pipeline.play();
    pull();
    const painted = pipeline.findChild('painted') as GstAppSource;
    return { pipeline, painted, balance: pipeline.findChild('balance') as GstElement, underWay };
  }
}
