import { decodeFromDevice, encodeToViewer, type SignalFromDevice } from '../watch-signal.ts';
import type { Unstamped } from './daemon.ts';
import type { FromEgress } from './egress.ts';

type Message = Extract<FromEgress, { type: 'signal_answer' | 'signal_ice' | 'egress_watch' }>;
/** Why egress ended a session: more than signaling.md has words for. */
export type EgressEnd = NonNullable<Extract<Message, { type: 'egress_watch' }>['payload']['reason']>;

/** What egress says of watch sessions: as any device does, with who watches, and with more to say of their ends. */
export type SignalFromEgress =
  | Extract<SignalFromDevice, { kind: 'answer' | 'candidate' }>
  | { kind: 'connected'; sessionId: string; userId: string }
  /** `message` for people, null where there is nothing to say. */
  | { kind: 'ended'; sessionId: string; userId: string; reason: EgressEnd; message: string | null };

export function encodeFromEgress(signal: SignalFromEgress): Unstamped<Message> {
  if (signal.kind === 'answer' || signal.kind === 'candidate')
    return encodeToViewer(signal) as Unstamped<Message>;
  const { kind: state, sessionId: session_id, userId: user_id } = signal;
  const { reason, message } = signal.kind === 'ended' ? signal : { reason: null, message: null };
  return { type: 'egress_watch', payload: { session_id, user_id, state, reason, message } };
}

export function decodeFromEgress(message: Message): SignalFromEgress {
  if (message.type !== 'egress_watch') return decodeFromDevice(message) as SignalFromEgress;
  const { session_id: sessionId, user_id: userId, state: kind, reason, message: text } = message.payload;
  if (kind === 'connected') return { kind, sessionId, userId };
  return { kind, sessionId, userId, reason: reason ?? 'error', message: text };
}
