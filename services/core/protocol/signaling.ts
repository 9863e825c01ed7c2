import { z } from 'zod';

/**
 * The wire messages of `shared/protocols` "WebSocket Protocol" (device/viewer signaling), declared once:
 * each schema is the run-time check, the static type and the source of the documentation.
 */

/** ISO 8601 timestamp, milliseconds, UTC. */
export const timestamp = z.iso.datetime({ offset: true });
const deviceId = z.string().min(1).max(128);
const sessionId = z.string().min(1).max(128);
/** An SDP body is bounded: a browser's offer is about 6 kB. */
const sdpText = z.string().min(1).max(64_000);

/** One ICE server as `RTCPeerConnection` takes it ("Watch Request (Received)"). */
export const iceServer = z.object({
  urls: z.union([z.string(), z.array(z.string())]),
  username: z.string().optional(),
  credential: z.string().optional(),
  credentialType: z.literal('password').optional(),
});
export type IceServer = z.infer<typeof iceServer>;

export const sdpOffer = z.object({ type: z.literal('offer'), sdp: sdpText });
export const sdpAnswer = z.object({ type: z.literal('answer'), sdp: sdpText });

/** `null` is the end of candidates ("Signal ICE"). */
export const iceCandidate = z
  .object({
    candidate: z.string().max(4096),
    sdpMid: z.string().max(64).nullish(),
    sdpMLineIndex: z.number().int().min(0).max(64).nullish(),
    usernameFragment: z.string().max(256).nullish(),
  })
  .nullable();
export type IceCandidate = z.infer<typeof iceCandidate>;

/** "Watch Ended": the four reasons, and the one of the flow "Device Disconnect During Session". */
export const watchEndReason = z.enum([
  'viewer_disconnected',
  'user_ended',
  'timeout',
  'error',
  'device_disconnected',
]);
export type WatchEndReason = z.infer<typeof watchEndReason>;

/** Builds the envelope of "Message Format" around one payload. */
export function envelope<Type extends string, Payload extends z.ZodType>(type: Type, payload: Payload) {
  return z.object({
    type: z.literal(type),
    request_id: z.string().optional(), // as long as a message may be: the answer names it
    ts: timestamp,
    payload,
  });
}

export const signalOffer = envelope('signal_offer', z.object({ session_id: sessionId, sdp: sdpOffer }));
export const signalAnswer = envelope('signal_answer', z.object({ session_id: sessionId, sdp: sdpAnswer }));
export const signalIce = envelope('signal_ice', z.object({ session_id: sessionId, candidate: iceCandidate }));
export const watchEnded = envelope(
  'watch_ended',
  z.object({ session_id: sessionId, reason: watchEndReason }),
);
export const heartbeat = envelope('heartbeat', z.object({}));
export const heartbeatAck = envelope('heartbeat_ack', z.object({}));
export const signalingError = envelope('error', z.object({ message: z.string() }));

/** Server to device: somebody wants to watch. */
export const deviceWatchRequest = envelope(
  'watch_request',
  z.object({ session_id: sessionId, user_id: z.string(), ice_servers: z.array(iceServer) }),
);
export const deviceHello = envelope('hello', z.object({ device_id: deviceId }));
export const deviceHelloAck = envelope(
  'hello_ack',
  z.object({ device_id: deviceId, server_time: timestamp }),
);
/** What a device may tell of itself beside the document's three figures. */
const maxPresenceKeys = 32;
const maxPresenceCharacters = 4_096;

/**
 * "Optional message to update device status/metadata": a figure that is not known is left out, never invented; other
 * keys are kept as they are.
 */
export const presenceFigures = z
  .object({
    battery: z.number().min(0).max(100).optional(),
    temperature: z.number().min(-100).max(200).optional(),
    recording: z.boolean().optional(),
  })
  .catchall(z.unknown())
  .refine((presence) => Object.keys(presence).length <= maxPresenceKeys, {
    error: `presence has at most ${maxPresenceKeys} keys`,
  })
  .refine((presence) => JSON.stringify(presence).length <= maxPresenceCharacters, {
    error: `presence has at most ${maxPresenceCharacters} characters of JSON`,
  });
export const devicePresence = envelope('device_presence', presenceFigures);

export const viewerHello = envelope('hello', z.object({ token: z.string().min(1).max(4096) }));
export const viewerHelloAck = envelope(
  'hello_ack',
  z.object({ user_id: z.string(), server_time: timestamp }),
);
export const viewerWatchRequest = envelope('watch_request', z.object({ device_id: deviceId }));
export const watchReady = envelope(
  'watch_ready',
  z.object({ session_id: sessionId, ice_servers: z.array(iceServer) }),
);
export const endWatch = envelope('end_watch', z.object({ session_id: sessionId }));

/**
 * Device to server. `watch_ended` in this direction is ours: the document gives a device no way to say that it
 * can't take a viewer (no place left, an offer that can't be answered).
 */
export const deviceToServer = z.discriminatedUnion('type', [
  deviceHello,
  heartbeat,
  signalAnswer,
  signalIce,
  devicePresence,
  watchEnded,
]);
export type DeviceToServer = z.infer<typeof deviceToServer>;

/** Server to device. */
export const serverToDevice = z.discriminatedUnion('type', [
  deviceHelloAck,
  heartbeatAck,
  deviceWatchRequest,
  signalOffer,
  signalIce,
  watchEnded,
  signalingError,
]);
export type ServerToDevice = z.infer<typeof serverToDevice>;

/** Viewer to server. */
export const viewerToServer = z.discriminatedUnion('type', [
  viewerHello,
  heartbeat,
  viewerWatchRequest,
  signalOffer,
  signalIce,
  endWatch,
]);
export type ViewerToServer = z.infer<typeof viewerToServer>;

/** Server to viewer. */
export const serverToViewer = z.discriminatedUnion('type', [
  viewerHelloAck,
  heartbeatAck,
  watchReady,
  signalAnswer,
  signalIce,
  watchEnded,
  signalingError,
]);
export type ServerToViewer = z.infer<typeof serverToViewer>;
