import type { MediaRequest } from '#core/domain/media.ts';

/** Where pictures really come from, once `auto` is decided. Generated ones are pushed by the child itself. */
export type PictureSource =
  | { kind: 'test' }
  | { kind: 'file'; path: string }
  | { kind: 'v4l2'; device: string }
  | { kind: 'csi' };

export type SoundSource =
  | { kind: 'none' }
  | { kind: 'beep' }
  | { kind: 'clip' }
  | { kind: 'alsa'; device: string };

export type EncoderName = 'x264enc' | 'v4l2h264enc';

/** All that one pipeline is made from: a request whose choices are made. Goes to the child as JSON. */
export interface PipelinePlan {
  pictures: PictureSource;
  sound: SoundSource;
  encoder: EncoderName;
  video: Omit<MediaRequest['video'], 'source' | 'encoder'>;
  audioBitrateKbps: number;
  rtp: MediaRequest['rtp'];
}

/** The file descriptors of the child on which it hands over encoded frames. */
export const videoDescriptor = 3;
export const audioDescriptor = 4;
export const ipcDescriptor = 5;
export const opusDescriptor = 6;

/** Parent → child. */
export type ToPipeline =
  | { type: 'prepare'; plan: PipelinePlan }
  | { type: 'play' }
  | { type: 'key_frame' }
  | { type: 'rtp'; rtp: MediaRequest['rtp'] }
  | { type: 'bitrate'; bitrateKbps: number };

/** Child → parent. */
export type FromPipeline =
  /** GStreamer is loaded: a plan may come. */
  | { type: 'warm' }
  /** The plan can be played; `sound` is false where the clip turned out to have none. */
  | { type: 'prepared'; sound: boolean }
  /** It cannot; `text` is GStreamer's own word, or a code of `reasons.ts`. */
  | { type: 'failed'; text: string }
  /** Running time 0 in CLOCK_MONOTONIC milliseconds: exact where the child itself makes the pictures. */
  | { type: 'clock'; baseMonotonicMs: number };
