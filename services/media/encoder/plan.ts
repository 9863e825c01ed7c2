import type { MediaRequest } from '#core/domain/media.ts';
import type { RtpStreams } from '#core/protocol/link/media.ts';

export type EncoderName = 'x264enc' | 'v4l2h264enc';

/** Why x264enc stands in for the hardware encoder: a code of `reasons.ts` and what its sentence is about. */
export interface StandIn {
  code:
    | 'encoder-missing'
    | 'encoder-denied'
    | 'encoder-busy'
    | 'encoder-size'
    | 'encoder-level'
    | 'encoder-no-key-frames';
  detail: string;
}

/** What stands on the slate. */
export interface SlatePlan {
  /** The box's name. */
  name: string;
  /** "Back in a moment" in the set language. */
  words: string;
}

/** All that one encoder is made from: a request whose choices are made. Goes to the child as JSON. */
export interface PipelinePlan {
  encoder: EncoderName;
  /** The hardware encoder's node below /dev; null for x264enc. */
  device: string | null;
  video: Omit<MediaRequest['video'], 'source' | 'encoder' | 'rotate' | 'fallback' | 'slate'>;
  /** Whether there is a sound track at all; silence where no source has sound. */
  sound: boolean;
  audioBitrateKbps: number;
  rtp: MediaRequest['rtp'];
  /** The SSRCs of this encoder's RTP. */
  streams: RtpStreams;
  /** CLOCK_MONOTONIC (ms) of running time 0: the same for every encoder of a broadcast, so that time stamps go on. */
  baseMonotonicMs: number;
  slate: SlatePlan;
}

/** A source whose frames an encoder may show. */
export interface AirSource {
  id: string;
  /** Where its process hands frames over; another one where the process was started again. */
  socketPath: string;
  /** From one of its own pictures to the next; a slow source may be silent for longer. */
  intervalMs: number;
}

/** What may be shown and heard. The first of `order` whose pictures are fresh is on the air, else the slate. */
export interface AirPlan {
  sources: AirSource[];
  /** Ids of `sources`; `sound` names the one that is heard with it, null for silence. */
  order: { id: string; sound: string | null }[];
  /** The slate is wanted on the air, at once. */
  hold: boolean;
  /** The operator's own slate: a source of a still picture. */
  slateSource: string | null;
  /** Where the process hands over what is drawn over the pictures; null where nothing is. */
  overlaySocket: string | null;
  /** Where nothing has been shown yet, the slate comes after so long; null: it waits for the first picture. */
  slateAfterMs: number | null;
}

/** Until the first plan comes. */
export const nothingOnAir: AirPlan = {
  sources: [],
  order: [],
  hold: false,
  slateSource: null,
  overlaySocket: null,
  slateAfterMs: null,
};

/** How sound is changed on its way. */
export type SoundControls = Pick<MediaRequest['audio'], 'muted' | 'gainDb' | 'delayMs'>;

/** The file descriptors of the child on which it hands over encoded frames. */
export const ipcDescriptor = 3;
export const videoDescriptor = 4;
export const audioDescriptor = 5;
export const opusDescriptor = 6;

/** The id under which the encoder reports its own slate. */
export const slateId = 'slate';

/** Parent → child. */
export type ToPipeline =
  | { type: 'prepare'; plan: PipelinePlan }
  | { type: 'play' }
  | { type: 'key_frame' }
  | { type: 'rtp'; rtp: MediaRequest['rtp'] }
  | { type: 'bitrate'; bitrateKbps: number }
  | { type: 'air'; air: AirPlan }
  | { type: 'sound'; controls: SoundControls }
  | { type: 'slate'; slate: SlatePlan };

/** Child → parent. */
export type FromPipeline =
  /** GStreamer is loaded: a plan may come. */
  | { type: 'warm' }
  /**
   * The plan can be played: where `standIn` is set, with x264enc in the hardware encoder's place. `liveBitrate`: it can be
   * changed while it plays.
   */
  | { type: 'prepared'; standIn: StandIn | null; liveBitrate: boolean }
  /** It cannot; `text` is GStreamer's own word, or a code of `reasons.ts`. */
  | { type: 'failed'; text: string }
  /** What is on the air now: the id of a source, or `slateId`. */
  | { type: 'showing'; id: string }
  /** A source began to deliver pictures, or has delivered none for longer than it may. */
  | { type: 'fresh'; id: string; fresh: boolean }
  /** The encoder that runs takes no other bitrate. */
  | { type: 'bitrate_refused' }
  /** Loudest sample since the last message, in dB of full scale; null in silence. Twice a second while there is sound. */
  | { type: 'level'; peakDb: number | null };
