import { z } from 'zod';
import { typedLines, typedText } from '../domain/typed-text.ts';

/** The wire messages of StreamSync v1 (streamsync.md): a versioned envelope around a payload. */

export const streamSyncVersion = 1;

const roomId = z.string().min(1).max(128);
const userId = z.string().min(1).max(128);
/** As long as a message may be: whatever a client chose, its answer names it. */
const requestId = z.string().optional();
const peer = z.object({ userId, displayName: typedText(64).min(1) });
export type Peer = z.infer<typeof peer>;

/** One message: `v` 1, its type, its payload. */
function message<Type extends string, Payload extends z.ZodType>(type: Type, payload: Payload) {
  return z.object({ v: z.literal(streamSyncVersion), type: z.literal(type), requestId, payload });
}

/** Longest chat message, in characters. */
export const maxChatCharacters = 2_000;

const contentId = z.string().min(1).max(2_048);
const meta = z.record(z.string().max(64), z.unknown()).optional();

/** "Clocking for sync": where the host was at `hostTsMs`, milliseconds since the epoch. */
export const playbackState = z.object({
  playing: z.boolean(),
  positionSec: z.number().min(0),
  hostTsMs: z.number().min(0),
  contentId: contentId.optional(),
});
export type PlaybackState = z.infer<typeof playbackState>;

const sdp = z.string().min(1).max(64_000);
const candidate = z.unknown();

// ── client → server ───────────────────────────────────────────────────────────────────────────

/** `hostToken` is ours: what proves the room's creator. */
export const join = message(
  'room/join',
  z.object({ roomId, client: peer.extend({ hostToken: z.string().max(256).optional() }) }),
);
export const leave = message('room/leave', z.object({ roomId }));
export const chatSend = message(
  'chat/send',
  z.object({ roomId, text: typedLines(maxChatCharacters).min(1) }),
);
export const setContent = message('watch/set_content', z.object({ roomId, contentId, meta }));
export const setPlaybackState = message(
  'watch/playback_state',
  z.object({ roomId, state: playbackState, authoritative: z.boolean().optional() }),
);
export const offerTo = message('webrtc/offer', z.object({ roomId, toUserId: userId, sdp }));
export const answerTo = message('webrtc/answer', z.object({ roomId, toUserId: userId, sdp }));
export const iceTo = message('webrtc/ice', z.object({ roomId, toUserId: userId, candidate }));

export const clientToServer = z.discriminatedUnion('type', [
  join,
  leave,
  chatSend,
  setContent,
  setPlaybackState,
  offerTo,
  answerTo,
  iceTo,
]);
export type ClientToServer = z.infer<typeof clientToServer>;

// ── server → client ───────────────────────────────────────────────────────────────────────────

export const hello = message(
  'server/hello',
  z.object({ v: z.literal(streamSyncVersion), nowMs: z.number() }),
);
export const joined = message('room/joined', z.object({ roomId, you: peer, peers: z.array(peer) }));
export const peerJoined = message('room/peer_joined', z.object({ roomId, peer }));
export const peerLeft = message('room/peer_left', z.object({ roomId, userId }));
export const chatMessage = message(
  'chat/message',
  z.object({ roomId, from: peer, text: z.string(), tsMs: z.number() }),
);
/** Ours: the operator or the host took back what was said at `tsMs`, which no other message of the room has. */
export const chatDeleted = message('chat/deleted', z.object({ roomId, tsMs: z.number() }));
export const content = message('watch/content', z.object({ roomId, contentId, meta }));
export const playback = message(
  'watch/playback_state',
  z.object({ roomId, state: playbackState, serverTsMs: z.number(), fromUserId: userId }),
);
export const offerFrom = message('webrtc/offer', z.object({ roomId, fromUserId: userId, sdp }));
export const answerFrom = message('webrtc/answer', z.object({ roomId, fromUserId: userId, sdp }));
export const iceFrom = message('webrtc/ice', z.object({ roomId, fromUserId: userId, candidate }));
export const ack = message('ack', z.object({ requestId: z.string() }));
export const errorCode = z.enum([
  'bad_request',
  'unauthorized',
  'not_in_room',
  'room_not_found',
  'peer_not_found',
  'internal',
]);
export type StreamSyncErrorCode = z.infer<typeof errorCode>;
export const error = message(
  'error',
  z.object({ requestId: z.string().optional(), code: errorCode, message: z.string() }),
);

export const serverToClient = z.discriminatedUnion('type', [
  hello,
  joined,
  peerJoined,
  peerLeft,
  chatMessage,
  chatDeleted,
  content,
  playback,
  offerFrom,
  answerFrom,
  iceFrom,
  ack,
  error,
]);
export type ServerToClient = z.infer<typeof serverToClient>;
