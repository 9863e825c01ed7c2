import { createHmac } from 'node:crypto';
import type { Settings } from '#core/domain/settings.ts';
import type { IceServer } from '#core/protocol/signaling.ts';

/** How long TURN credentials work. */
const lifetimeSeconds = 3_600;

/** The user in a viewer's TURN name (signaling.md, `watch_ready`: "EXPIRY:viewer_USER_SESSION"). */
export function viewerTurnUser(userId: string, sessionId: string): string {
  return `viewer_${userId}_${sessionId}`;
}

/** The user in a device's TURN name (signaling.md, "Watch Request (Received)": "EXPIRY:device_SESSION"). */
export function deviceTurnUser(sessionId: string): string {
  return `device_${sessionId}`;
}

/**
 * The ICE servers for one user: STUN as it is set, TURN with credentials that end by themselves, made from the
 * shared secret as coturn's `use-auth-secret` expects (draft-uberti-behave-turn-rest).
 */
export function iceServersFor(webrtc: Settings['webrtc'], userId: string, nowMs: number): IceServer[] {
  const servers: IceServer[] = webrtc.iceServers.map(({ urls }) => ({ urls }));
  const { urls, secret } = webrtc.turn;
  if (urls.length === 0 || secret === null) return servers;
  const username = `${Math.floor(nowMs / 1000) + lifetimeSeconds}:${userId}`;
  const credential = createHmac('sha1', secret).update(username).digest('base64');
  return [...servers, { urls, username, credential, credentialType: 'password' }];
}
