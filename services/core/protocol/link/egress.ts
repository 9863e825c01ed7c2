import { z } from 'zod';
import {
  deviceWatchRequest,
  envelope,
  iceServer,
  signalAnswer,
  signalIce,
  signalOffer,
  watchEnded,
} from '../signaling.ts';
import { daemonHello, daemonWelcome } from './daemon.ts';
import { rtpStreams } from './media.ts';

/** What control and egress say to each other; offers and answers are those of signaling.md. */

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

export type ToEgress = z.infer<typeof toEgress>;

export type FromEgress = z.infer<typeof fromEgress>;
