import type { Unstamped } from '#core/protocol/link/daemon.ts';
import type { ServerToDevice, ServerToViewer } from '#core/protocol/signaling.ts';

/** A client that says no hello within this time has no business here. */
export const helloTimeoutMs = 10_000;
/** signaling.md, "Connection Close Codes": policy violation (auth failure). */
export const policyViolation = 1008;

/** A message as it goes out, in the envelope of "Message Format". */
export function encode(
  message: Unstamped<ServerToDevice> | Unstamped<ServerToViewer>,
  nowMs: number,
): string {
  const { type, request_id, payload } = message;
  return JSON.stringify({ type, request_id, ts: new Date(nowMs).toISOString(), payload });
}

/** The request id of whatever was parsed, to answer to. */
export function requestIdOf(raw: unknown): string | undefined {
  const id = typeof raw === 'object' && raw !== null && 'request_id' in raw ? raw.request_id : undefined;
  return typeof id === 'string' ? id : undefined;
}
