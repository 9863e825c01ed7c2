import { loadAddon } from '../load-addon.ts';
import { levelOf } from './levels.ts';
import type { PipelinePlan, StandIn } from './plan.ts';

/** What a V4L2 encoder says of itself. */
export interface ProbedEncoder {
  card: string;
  /** Raw pictures of the size asked for. */
  takesSize: boolean;
  /** V4L2's menu indices; empty where it has no such control. */
  levels: readonly number[];
  /** Ids of those of our controls that it has. */
  controls: readonly number[];
}

/** `native/v4l2.c`, compiled. */
export interface V4l2Addon {
  /** @throws Error with the system's code */
  probe(path: string, width: number, height: number): ProbedEncoder;
  /** Of the device that this process has open. @throws Error with the system's code */
  setControl(path: string, id: number, value: number): void;
}

/** @returns null where it was not compiled. @param path it lies beside the bundles */
export function loadV4l2Addon(path = './v4l2.node'): V4l2Addon | null {
  try {
    return loadAddon<V4l2Addon>(path);
  } catch {
    return null;
  }
}

/** V4L2_CID_MPEG_VIDEO_… of linux/v4l2-controls.h. */
export const encoderControls = { bitrate: 0x9909cf, forceKeyFrame: 0x9909e5 } as const;

const codes: Record<string, StandIn['code']> = {
  EACCES: 'encoder-denied',
  EPERM: 'encoder-denied',
  EBUSY: 'encoder-busy',
};

/**
 * The hardware encoder that this process uses: whether it can do what is asked, and its controls while it runs. Without
 * the addon nothing is known before, and nothing can be set live.
 */
export class HardwareEncoder {
  readonly #addon: V4l2Addon | null;
  readonly #path: string;

  constructor({ addon, path }: { addon: V4l2Addon | null; path: string }) {
    this.#addon = addon;
    this.#path = path;
  }

  get hasControls(): boolean {
    return this.#addon !== null;
  }

  /** @returns the H.264 level to encode at, or why the encoder can't do it */
  fit(video: PipelinePlan['video']): { level: string } | StandIn {
    const { width, height, framesPerSecond, bitrateKbps } = video;
    const size = `${width}x${height}`;
    const figures = `${size} at ${framesPerSecond} pictures/s and ${bitrateKbps} kbit/s`;
    let offered: readonly number[] | null = null;
    if (this.#addon) {
      let probed: ProbedEncoder;
      try {
        probed = this.#addon.probe(this.#path, width, height);
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException;
        return { code: codes[code] ?? 'encoder-missing', detail: this.#path };
      }
      if (!probed.takesSize) return { code: 'encoder-size', detail: size };
      if (!probed.controls.includes(encoderControls.forceKeyFrame))
        return { code: 'encoder-no-key-frames', detail: '' };
      if (probed.levels.length > 0) offered = probed.levels;
    }
    const level = levelOf(video, offered);
    return level === null ? { code: 'encoder-level', detail: figures } : { level };
  }

  /** @throws Error with the system's code */
  setBitrate(bitrateKbps: number): void {
    this.#addon?.setControl(this.#path, encoderControls.bitrate, bitrateKbps * 1_000);
  }

  /** @throws Error with the system's code */
  forceKeyFrame(): void {
    this.#addon?.setControl(this.#path, encoderControls.forceKeyFrame, 1);
  }
}
