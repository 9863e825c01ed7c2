import type { OnairError } from '../domain/errors.ts';
import type { Unstamped } from './link/daemon.ts';
import type {
  DeviceToServer,
  IceCandidate,
  IceServer,
  ServerToDevice,
  ViewerToServer,
  WatchEndReason,
} from './signaling.ts';

interface Of<Kind extends string> {
  kind: Kind;
  sessionId: string;
}

/** Somebody wants to watch: to the device. */
export type WatchRequest = Of<'request'> & { userId: string; iceServers: IceServer[] };
type Offer = Of<'offer'> & { sdp: string };
type Answer = Of<'answer'> & { sdp: string };
/** Both ways. Null is the end of candidates. */
type Candidate = Of<'candidate'> & { candidate: IceCandidate };
/** Packets go through, which this box's own egress alone can tell. */
type Connected = Of<'connected'>;
/** Both ways. `why`, where the device has said it to whom it concerns. */
type Ended = Of<'ended'> & { reason: WatchEndReason; why?: OnairError | undefined };

/**
 * What is said in a watch session, between who watches and a device (signaling.md, "Watch Session Lifecycle"): the same on
 * `/ws/viewer`, WHEP, `/ws/device`, the link to egress, and between the processes of a hub.
 */
export type WatchSignal = WatchRequest | Offer | Answer | Candidate | Connected | Ended;

export type SignalToDevice = WatchRequest | SignalFromViewer;
export type SignalFromDevice = SignalToViewer | Connected;
export type SignalFromViewer = Offer | Candidate | Ended;
export type SignalToViewer = Answer | Candidate | Ended;

type MessageToDevice = Extract<
  ServerToDevice,
  { type: 'watch_request' | 'signal_offer' | 'signal_ice' | 'watch_ended' }
>;
/** A device's words reach viewers as they are: the two directions of signaling.md have the same shapes. */
type MessageToViewer = Extract<DeviceToServer, { type: 'signal_answer' | 'signal_ice' | 'watch_ended' }>;
type MessageFromViewer = Extract<ViewerToServer, { type: 'signal_offer' | 'signal_ice' | 'end_watch' }>;

/** To a device: signaling.md, "Server → Device". */
export function encodeToDevice(signal: SignalToDevice): Unstamped<MessageToDevice> {
  const session_id = signal.sessionId;
  switch (signal.kind) {
    case 'request': {
      const { userId: user_id, iceServers: ice_servers } = signal;
      return { type: 'watch_request', payload: { session_id, user_id, ice_servers } };
    }
    case 'offer':
      return { type: 'signal_offer', payload: { session_id, sdp: { type: 'offer', sdp: signal.sdp } } };
    default:
      return encodeEither(signal);
  }
}

/** What a device hears. */
export function decodeToDevice(message: MessageToDevice): SignalToDevice {
  switch (message.type) {
    case 'watch_request': {
      const { session_id: sessionId, user_id: userId, ice_servers: iceServers } = message.payload;
      return { kind: 'request', sessionId, userId, iceServers };
    }
    case 'signal_offer':
      return { kind: 'offer', sessionId: message.payload.session_id, sdp: message.payload.sdp.sdp };
    default:
      return decodeEither(message);
  }
}

/** To who watches, and from a device: signaling.md, "Server → Viewer", "Device → Server". */
export function encodeToViewer(signal: SignalToViewer): Unstamped<MessageToViewer> {
  if (signal.kind !== 'answer') return encodeEither(signal);
  const sdp = { type: 'answer', sdp: signal.sdp } as const;
  return { type: 'signal_answer', payload: { session_id: signal.sessionId, sdp } };
}

/** What a device says. */
export function decodeFromDevice(message: MessageToViewer): SignalToViewer {
  if (message.type !== 'signal_answer') return decodeEither(message);
  return { kind: 'answer', sessionId: message.payload.session_id, sdp: message.payload.sdp.sdp };
}

/** What a viewer says. */
export function decodeFromViewer(message: MessageFromViewer): SignalFromViewer {
  if (message.type === 'end_watch')
    return { kind: 'ended', sessionId: message.payload.session_id, reason: 'user_ended' };
  if (message.type === 'signal_offer')
    return { kind: 'offer', sessionId: message.payload.session_id, sdp: message.payload.sdp.sdp };
  return decodeEither(message);
}

type EitherMessage = Extract<MessageToViewer, { type: 'signal_ice' | 'watch_ended' }>;

function encodeEither(signal: Candidate | Ended): Unstamped<EitherMessage> {
  const session_id = signal.sessionId;
  if (signal.kind === 'candidate')
    return { type: 'signal_ice', payload: { session_id, candidate: signal.candidate } };
  return { type: 'watch_ended', payload: { session_id, reason: signal.reason } };
}

function decodeEither(message: EitherMessage): Candidate | Ended {
  const sessionId = message.payload.session_id;
  if (message.type === 'signal_ice')
    return { kind: 'candidate', sessionId, candidate: message.payload.candidate };
  return { kind: 'ended', sessionId, reason: message.payload.reason };
}
