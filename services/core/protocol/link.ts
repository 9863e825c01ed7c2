import { z } from 'zod';
import { broadcastState } from '../domain/broadcast-state.ts';
import { mediaRequest, reason, sourceList } from '../domain/media.ts';
import { outputKind, outputState } from './endpoints/outputs.ts';
import {
  deviceWatchRequest,
  envelope,
  iceServer,
  signalAnswer,
  signalIce,
  signalOffer,
  watchEnded,
} from './signaling.ts';

/**
 * The link: what the daemons of one box say to each other over `/link` on the Unix socket
 * (`control.sock`), in the envelope of signaling.md. Control alone holds state; every daemon is
 * told again what to do each time it connects. File permissions are the link's authentication.
 */

export const daemonName = z.enum(['media', 'egress', 'panel', 'console', 'outputs']);
export type DaemonName = z.infer<typeof daemonName>;

/** First message of every daemon. */
export const daemonHello = envelope(
  'daemon_hello',
  z.object({ daemon: daemonName, pid: z.number().int().positive(), version: z.string() }),
);
/** Control's answer; what the daemon has to do follows as messages of its own. */
export const daemonWelcome = envelope('daemon_welcome', z.object({ device_id: z.string() }));
/** To any daemon: end, and be started again by whoever runs it. */
export const daemonRestart = envelope('daemon_restart', z.object({}));

// ── control → media ───────────────────────────────────────────────────────────────────────────

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

// ── media → control ───────────────────────────────────────────────────────────────────────────

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
    reason: reason.nullable(),
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
    reason: reason.nullable(),
  }),
);

// ── control → egress ──────────────────────────────────────────────────────────────────────────

/** Sent after the welcome and on change; a changed engine, port or address ends all sessions. */
export const egressConfigure = envelope(
  'egress_configure',
  z.object({
    engine: z.enum(['native', 'node-datachannel', 'werift']),
    /** 0 lets the system choose. */
    port: z.number().int().min(0).max(65_535),
    /** Null is every address, IPv4 and IPv6. */
    bindAddress: z.string().nullable(),
    iceServers: z.array(iceServer),
    /** What the encode may take, and whether it follows the viewers below that. */
    bitrate: z.object({ ceilingKbps: z.number().int().positive(), adaptive: z.boolean() }),
  }),
);

/** Media's `startedMonotonicMs`, when it changes: sender reports then tell viewers when each picture was captured. */
export const egressClock = envelope('egress_clock', z.object({ startedMonotonicMs: z.number() }));

/** Media's `media_rtp_streams`, after the welcome and when media is another one: no other packets are taken from then on. */
export const egressInput = envelope('egress_input', rtpStreams);

/** A viewer asks for an ICE restart (RFC 8839, 4.4.1.1): its new credentials, and its candidates under them. */
export const egressIceRestart = envelope(
  'egress_ice_restart',
  z.object({
    session_id: z.string(),
    ice_ufrag: z.string(),
    ice_pwd: z.string(),
    /** `candidate:…` lines. */
    candidates: z.array(z.string()),
  }),
);
/** Control's count of sessions and egress's differ: `egress_sessions` is to say which there are. */
export const egressListSessions = envelope('egress_list_sessions', z.object({}));

// ── egress → control ──────────────────────────────────────────────────────────────────────────

/** Ready for watch requests: where it takes RTP (loopback UDP), and the one UDP port of WebRTC. */
export const egressReady = envelope(
  'egress_ready',
  z.object({
    engine: z.string(),
    webrtcPort: z.number().int(),
    videoPort: z.number().int(),
    audioPort: z.number().int(),
  }),
);
/**
 * All sessions there are, connected or not: sent after each `egress_ready`, since they outlive control, and when asked.
 * What control then does not know is new to it once, after the link came back; later it is over.
 */
export const egressSessions = envelope(
  'egress_sessions',
  z.object({
    sessions: z.array(
      z.object({
        session_id: z.string(),
        user_id: z.string(),
        connected: z.boolean(),
        /** Egress's and the viewer's ICE user name; null before the answer. */
        ice_ufrag: z.string().nullable(),
        viewer_ice_ufrag: z.string().nullable(),
      }),
    ),
  }),
);
/** Answers `egress_ice_restart`; null where the session goes on as it is, since the engine can't restart ICE. */
export const egressIce = envelope(
  'egress_ice',
  z.object({
    session_id: z.string(),
    ice: z
      .object({
        ice_ufrag: z.string(),
        ice_pwd: z.string(),
        ice_lite: z.boolean(),
        /** `candidate:…` lines; all that will be. */
        candidates: z.array(z.string()),
      })
      .nullable(),
  }),
);
/** RTP began or ceased to arrive (nothing for 1 s); sent at once, and twice a second: control misses an egress that hangs. */
export const egressFlow = envelope('egress_flow', z.object({ flowing: z.boolean() }));
/** Every second. */
export const egressProgress = envelope(
  'egress_progress',
  z.object({
    sessions: z.number().int(),
    connected: z.number().int(),
    videoPackets: z.number().int(),
    audioPackets: z.number().int(),
    /** Packets that reached the input ports and were not media's. */
    refusedPackets: z.number().int().optional(),
    /** Of all receiver reports of the last second, 0 to 1; null without any. */
    lossRatio: z.number().nullable(),
  }),
);
/** Every second: what the viewers' links take, and how busy egress is. */
export const egressLoad = envelope(
  'egress_load',
  z.object({
    targetKbps: z.number().int().positive(),
    /** Newcomers are refused: this machine can serve no more. */
    full: z.boolean(),
    /** Of the thread that sends: its part of one processor, and how late frames left (95th percentile). */
    engineBusyRatio: z.number().nullable(),
    engineLateMs: z.number().nullable(),
    /** Frames left out for viewers who had fallen 200 ms behind. */
    skippedFrames: z.number().int(),
    viewers: z.array(
      z.object({
        session_id: z.string(),
        user_id: z.string(),
        /** What the viewer's link takes; null where nothing is known of it. */
        estimateKbps: z.number().nullable(),
        /** The target is what this viewer's link takes. */
        holdsTarget: z.boolean(),
        /** Its link can't even take the floor. */
        keyFramesOnly: z.boolean(),
      }),
    ),
  }),
);
/** What the encode is to take, so that the viewers' links can follow; on change and after each connection. */
export const egressBitrate = envelope(
  'egress_bitrate',
  z.object({
    target_kbps: z.number().int().positive(),
    /** The user whose link is the narrowest; null where the setting is the limit. */
    held_by: z.string().nullable(),
  }),
);
export const egressKeyFrame = envelope('egress_key_frame', z.object({}));
/** A session connected, or is over without control having asked for it (`message` says why). */
export const egressWatch = envelope(
  'egress_watch',
  z.object({
    session_id: z.string(),
    /** As the watch request had it: control may have been restarted meanwhile. */
    user_id: z.string(),
    state: z.enum(['connected', 'ended']),
    /** `rejected`: the offer itself can't be answered, as `message` explains to who sent it; `full`: no more at once; `unreachable`: no address. */
    reason: z.enum(['rejected', 'full', 'timeout', 'closed', 'error', 'unreachable']).nullable(),
    message: z.string().nullable(),
  }),
);

// ── panel ─────────────────────────────────────────────────────────────────────────────────────

/** What the lights warn of besides the broadcast itself. */
export const panelCondition = z.enum([
  'no-network',
  'access-point',
  'too-hot',
  'under-voltage',
  'battery-low',
  'settings-wrong',
  'output-failing',
]);
export type PanelCondition = z.infer<typeof panelCondition>;

/** On every change, and twice a second while live: a panel that hears nothing for 1 s trusts nothing. */
export const panelState = envelope(
  'panel_state',
  z.object({
    state: broadcastState,
    /** Frames and packets both advanced within the last second. */
    advancing: z.boolean(),
    viewers: z.number().int(),
    reason: reason.nullable(),
    /** Somebody asks to become operator, or may: a press under 7 s answers that and nothing else. */
    pairing: z.boolean(),
    conditions: z.array(panelCondition),
  }),
);
/** After the welcome and on change: the setting `panel.board`, a name or `auto`. */
export const panelConfigure = envelope('panel_configure', z.object({ board: z.string() }));
export const panelButton = envelope(
  'panel_button',
  z.object({
    pressId: z.string(),
    press: z.enum(['short', 'long', 'very-long']),
    /** Milliseconds since the edge: a press older than 5 s is not acted on any more. */
    ageMs: z.number().min(0),
  }),
);
/** Every press is answered once; the same `pressId` again is answered and not acted on again. */
export const panelButtonAck = envelope(
  'panel_button_ack',
  z.object({ pressId: z.string(), action: z.string(), problem: reason.nullable() }),
);

// ── outputs ───────────────────────────────────────────────────────────────────────────────────

/** After the welcome and on change: all that is to leave the box. Secrets are in it; the socket's permissions keep them. */
export const outputsConfigure = envelope(
  'outputs_configure',
  z.object({
    /** A broadcast is wanted: send. */
    live: z.boolean(),
    /** Those that are enabled. */
    outputs: z.array(
      z.object({
        id: z.string(),
        kind: outputKind,
        url: z.string(),
        key: z.string().nullable(),
        extra: z.string().nullable(),
        /** Time 0 of its stream, in ticks of the media bus: when it was first wanted in this broadcast. */
        startedTicks: z.number().int(),
      }),
    ),
  }),
);
/** After the welcome and on change: whether and how RTSP is offered; null where it is not. */
export const outputsRtsp = envelope(
  'outputs_rtsp',
  z.object({
    rtsp: z
      .object({
        /** 0 lets the system choose. */
        port: z.number().int().min(0).max(65_535),
        /** Asked for by digest; null lets everybody watch. */
        pin: z.string().nullable(),
        /** So many more may begin to watch. */
        freePlaces: z.number().int(),
      })
      .nullable(),
  }),
);
/** One who watches by RTSP has no place: ends it. */
export const outputsRtspEnd = envelope('outputs_rtsp_end', z.object({ id: z.string() }));

/** The newest picture as JPEG; `width` 0 is its own. Answered by `outputs_snapshot` of the same width. */
export const outputsSnapshotRequest = envelope(
  'outputs_snapshot_request',
  z.object({ width: z.number().int() }),
);
/** `jpeg` is base64; null where there is no picture. */
export const outputsSnapshot = envelope(
  'outputs_snapshot',
  z.object({ width: z.number().int(), jpeg: z.string().nullable() }),
);

/** On each change: where RTSP is offered, and who watches. */
export const outputsRtspReport = envelope(
  'outputs_rtsp_report',
  z.object({
    port: z.number().int().nullable(),
    reason: reason.nullable(),
    viewers: z.array(z.object({ id: z.string(), address: z.string() })),
  }),
);
/** On each change, and every second while one is live: all that are enabled. */
export const outputsReport = envelope(
  'outputs_report',
  z.object({
    outputs: z.array(
      z.object({
        id: z.string(),
        state: outputState,
        reason: reason.nullable(),
        bitrateKbps: z.number().int().nullable(),
        bytesSent: z.number().int(),
        reconnects: z.number().int(),
        droppedFrames: z.number().int(),
      }),
    ),
  }),
);

/** To outputs: record from now on, or (null) do not. */
export const recordingConfigure = envelope(
  'recording_configure',
  z.object({
    recording: z
      .object({
        /** Of the broadcast; it goes into file names. */
        title: z.string(),
        segmentMinutes: z.number(),
        keepFreeMB: z.number().int(),
        location: z.enum(['auto', 'usb', 'card']),
        deleteOldest: z.boolean(),
      })
      .nullable(),
  }),
);
/** From outputs: on each change, and with each half second on the disk. */
export const recordingReport = envelope(
  'recording_report',
  z.object({
    /** `waiting`: for pictures. */
    state: z.enum(['off', 'waiting', 'recording', 'failed']),
    reason: reason.nullable(),
    /** Of the file that is being written. */
    id: z.string().nullable(),
    durationSeconds: z.number(),
    bytes: z.number().int(),
    /** Where recordings are. */
    directories: z.array(z.string()),
    storage: z.object({ kind: z.enum(['usb', 'card']), freeBytes: z.number().int().nullable() }),
    /** The last file that was closed whole since the outputs service began. */
    completedId: z.string().nullable(),
  }),
);

export const toMedia = z.discriminatedUnion('type', [
  daemonWelcome,
  mediaStart,
  mediaStop,
  mediaKeyFrame,
  mediaRtp,
  mediaBitrate,
  mediaSettings,
  mediaPreviewRequest,
]);
export const toEgress = z.discriminatedUnion('type', [
  daemonWelcome,
  egressConfigure,
  egressClock,
  egressInput,
  egressIceRestart,
  egressListSessions,
  deviceWatchRequest,
  signalOffer,
  signalIce,
  watchEnded,
]);
export const toPanel = z.discriminatedUnion('type', [
  daemonWelcome,
  panelConfigure,
  panelState,
  panelButtonAck,
]);
export const toOutputs = z.discriminatedUnion('type', [
  daemonWelcome,
  outputsConfigure,
  outputsRtsp,
  outputsRtspEnd,
  outputsSnapshotRequest,
  recordingConfigure,
]);
export const fromMedia = z.discriminatedUnion('type', [
  daemonHello,
  mediaState,
  mediaProgress,
  mediaSources,
  mediaRtpStreams,
  mediaPreview,
]);
export const fromEgress = z.discriminatedUnion('type', [
  daemonHello,
  egressReady,
  egressFlow,
  egressProgress,
  egressBitrate,
  egressLoad,
  egressKeyFrame,
  egressWatch,
  egressSessions,
  egressIce,
  signalAnswer,
  signalIce,
]);
export const fromPanel = z.discriminatedUnion('type', [daemonHello, panelButton]);
export const fromOutputs = z.discriminatedUnion('type', [
  daemonHello,
  outputsReport,
  outputsRtspReport,
  outputsSnapshot,
  recordingReport,
]);

export type ToMedia = z.infer<typeof toMedia>;
export type ToEgress = z.infer<typeof toEgress>;
export type ToPanel = z.infer<typeof toPanel>;
export type ToOutputs = z.infer<typeof toOutputs>;
export type FromMedia = z.infer<typeof fromMedia>;
export type FromEgress = z.infer<typeof fromEgress>;
export type FromPanel = z.infer<typeof fromPanel>;
export type FromOutputs = z.infer<typeof fromOutputs>;

/** A message before its envelope is stamped. */
export type Unstamped<Message> = Message extends { type: infer Type; payload: infer Payload }
  ? { type: Type; payload: Payload; request_id?: string | undefined }
  : never;
