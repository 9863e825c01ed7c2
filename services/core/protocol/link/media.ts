import { z } from 'zod';
import { mediaRequest, sourceList } from '../../domain/media.ts';
import { problem } from '../../domain/problem.ts';
import { envelope } from '../signaling.ts';
import { daemonHello, daemonWelcome } from './daemon.ts';

/** What control and media say to each other. */

/** Go on air with this, or, while a pipeline runs, change over to it. Equal requests change nothing. */
export const mediaStart = envelope('media_start', mediaRequest);

export const mediaStop = envelope('media_stop', z.object({}));

/** A viewer needs a picture to start on; control and egress limit the rate. */
export const mediaKeyFrame = envelope('media_key_frame', z.object({}));

/** Where egress takes RTP now (it may have come back with other ports). */
export const mediaRtp = envelope(
  'media_rtp',
  z.object({ videoPort: z.number().int(), audioPort: z.number().int() }),
);

export const mediaBitrate = envelope('media_bitrate', z.object({ bitrateKbps: z.number().int().positive() }));

/** What the settings come to, whether or not anything is on the air; after the welcome and on each change. */
export const mediaSettings = envelope('media_settings', mediaRequest);

/** An operator looks at a source: it is kept ready for some seconds. `width` null asks for its level alone. */
export const mediaPreviewRequest = envelope(
  'media_preview_request',
  z.object({ source: z.string(), width: z.number().int().positive().nullable() }),
);

/** After the welcome and on change: what others may publish to, and the key that they need. */
export const mediaIngest = envelope(
  'media_ingest',
  z.object({
    key: z.string(),
    /** Null is off; port 0 lets the system choose. */
    rtmp: z.object({ port: z.number().int().min(0).max(65_535) }).nullable(),
    srt: z.object({ port: z.number().int().min(0).max(65_535) }).nullable(),
    /** Whether it is taken: control listens for it (`media_whip`). */
    whip: z.boolean(),
  }),
);

/**
 * What the pipeline is doing, sent at connection, on each change, and in answer to every `media_start`.
 * `refused`: this request cannot work as it stands (no such device, not a clip); nothing is retried.
 * `retrying`: it ran or should run, and the source's own pictures do not advance, as `reason` says: what failed is
 * started again; with `slate` and a `format`, the encoder goes on with the slate meanwhile.
 * `running` with a `reason` and `refusal`: a change that `media_start` asked for cannot work, as `reason` says, and what
 * was on the air before stays; with a `reason` alone, a source of `video.fallback` is shown. Another source is cut to
 * without a new `pipelineId`; another size, rate or encoder is another pipeline, and passes through `starting`.
 */
export const mediaState = envelope(
  'media_state',
  z.object({
    state: z.enum(['idle', 'starting', 'running', 'retrying', 'refused']),
    /** Changes with every new pipeline; also in each fragment header. Null while idle. */
    pipelineId: z.string().nullable(),
    reason: problem.nullable(),
    /** What the running pipeline really is; null until it is known. */
    format: z
      .object({
        encoder: z.string(),
        width: z.number().int(),
        height: z.number().int(),
        framesPerSecond: z.number(),
        bitrateKbps: z.number().int(),
        audio: z.boolean(),
        source: z.string(),
      })
      .nullable(),
    attempt: z.number().int(),
    /** The slate is on the air: no source that may be shown delivers; `state` is `retrying`, and the encoder runs. */
    slate: z.boolean().optional(),
    /** `reason` says why what was asked for last cannot be; what was on the air before stays. */
    refusal: z.boolean().optional(),
  }),
);

const ssrc = z.number().int().min(0).max(0xffff_ffff);

/** What can be on the air, at connection and on each change. */
export const mediaSources = envelope('media_sources', sourceList);

/** The last bits of the SSRCs below, by which one encoder's stream is told from the one before. */
export const rtpRunBits = 4;

/**
 * The SSRCs of the RTP that media sends over loopback, but for their last `rtpRunBits`, which change with each encoder.
 * They are a secret of media, control and egress: by them egress knows media's packets from those of other programs.
 */
export const rtpStreams = z.object({ videoSsrc: ssrc, audioSsrc: ssrc });

export type RtpStreams = z.infer<typeof rtpStreams>;

/** At connection; the same for as long as media's process lives. */
export const mediaRtpStreams = envelope('media_rtp_streams', rtpStreams);

/** Twice a second while a pipeline exists: counters since that pipeline began, and the measured rate. */
export const mediaProgress = envelope(
  'media_progress',
  z.object({
    pipelineId: z.string(),
    frames: z.number().int(),
    keyFrames: z.number().int(),
    /** Over the last 2 s; null before that. */
    bitrateKbps: z.number().nullable(),
    framesPerSecond: z.number().nullable(),
    /**
     * CLOCK_MONOTONIC (ms; a wall clock may be set meanwhile) at which that was captured which has running time 0,
     * from which RTP time stamps count; null before a frame has come.
     */
    startedMonotonicMs: z.number().nullable().optional(),
    /** Loudest sample of the last half second, in dB of full scale; null in silence. */
    audioPeakDb: z.number().nullable().optional(),
  }),
);

/** Answers `media_preview_request`. */
export const mediaPreview = envelope(
  'media_preview',
  z.object({
    source: z.string(),
    width: z.number().int().nullable(),
    /** Base64; null where there is no picture, as `reason` says, or none was asked for. */
    jpeg: z.string().nullable(),
    /** Whether sound belongs to it. */
    sound: z.boolean(),
    /** The loudest sample of each tenth of the last second, oldest first, 0 to 1; empty where no sound comes. */
    peaks: z.array(z.number()),
    reason: problem.nullable(),
  }),
);

/** One way in for publishers. */
export const ingestState = z.object({
  /** Where it listens; null where it does not. */
  port: z.number().int().nullable(),
  /** Why it does not listen; null where it does, or is off. */
  reason: problem.nullable(),
  /** Who publishes. */
  publisher: z.object({ address: z.string(), since: z.iso.datetime() }).nullable(),
  /** Why a publisher was turned away, or its stream cannot be used; for a minute, or until one publishes well. */
  notice: problem.nullable(),
});
/** After `media_ingest` and on each change. */
export const mediaIngestReport = envelope(
  'media_ingest_report',
  z.object({ rtmp: ingestState, srt: ingestState, whip: ingestState }),
);
export type IngestReport = z.infer<typeof mediaIngestReport>['payload'];

/**
 * A publisher by WHIP: its offer, its end. Its candidates are not needed: it finds the box, not the box it. Sessions have
 * the ids that control gives them.
 */
export const mediaWhip = envelope(
  'media_whip',
  z.discriminatedUnion('act', [
    z.object({ act: z.literal('offer'), session: z.string(), sdp: z.string(), address: z.string() }),
    z.object({ act: z.literal('end'), session: z.string() }),
  ]),
);
/** Answers an offer. */
export const mediaWhipAnswer = envelope(
  'media_whip_answer',
  z.object({
    session: z.string(),
    /** Null where it is refused. */
    sdp: z.string().nullable(),
    refusal: z.enum(['malformed', 'no-codec', 'busy', 'away']).nullable(),
  }),
);
/** A session is over without control having asked for it. */
export const mediaWhipEnded = envelope('media_whip_ended', z.object({ session: z.string() }));

export const toMedia = z.discriminatedUnion('type', [
  daemonWelcome,
  mediaStart,
  mediaStop,
  mediaKeyFrame,
  mediaRtp,
  mediaBitrate,
  mediaSettings,
  mediaPreviewRequest,
  mediaIngest,
  mediaWhip,
]);

export const fromMedia = z.discriminatedUnion('type', [
  daemonHello,
  mediaState,
  mediaProgress,
  mediaSources,
  mediaRtpStreams,
  mediaPreview,
  mediaIngestReport,
  mediaWhipAnswer,
  mediaWhipEnded,
]);

export type ToMedia = z.infer<typeof toMedia>;

export type FromMedia = z.infer<typeof fromMedia>;
