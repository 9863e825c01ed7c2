import { OnairError } from '#core/domain/errors.ts';
import type { FromEgress } from '#core/protocol/link.ts';
import type { IceCandidate, IceServer, WatchEndReason } from '#core/protocol/signaling.ts';
import type { WatchedDevice, WatchSessions } from '../domain/watch-session.ts';
import type { LinkHost } from './link-host.ts';

type EgressEnd = NonNullable<Extract<FromEgress, { type: 'egress_watch' }>['payload']['reason']>;

const endReasons: Record<EgressEnd, WatchEndReason> = {
  rejected: 'error',
  full: 'error',
  timeout: 'timeout',
  closed: 'viewer_disconnected',
  error: 'error',
};

/** This box's own egress as the device that viewers watch, over the link instead of `/ws/device`. */
export class OwnEgress implements WatchedDevice {
  readonly #link: LinkHost;
  readonly #deviceId: () => string;
  readonly own = true;
  #ready = false;

  constructor(options: { link: LinkHost; deviceId: () => string }) {
    this.#link = options.link;
    this.#deviceId = options.deviceId;
  }

  get online(): boolean {
    return this.#ready;
  }

  /** Relays what egress says to the watch sessions. */
  start(sessions: WatchSessions): void {
    this.#link.events.on('egress', (message) => this.#hear(message, sessions));
    this.#link.events.on('left', ({ daemon }) => {
      if (daemon !== 'egress') return;
      this.#ready = false;
      sessions.loseDevice(this.#deviceId());
    });
  }

  requestWatch(request: { sessionId: string; userId: string; iceServers: IceServer[] }): void {
    this.#link.sendToEgress({
      type: 'watch_request',
      payload: { session_id: request.sessionId, user_id: request.userId, ice_servers: request.iceServers },
    });
  }

  offer(sessionId: string, sdp: string): void {
    this.#link.sendToEgress({
      type: 'signal_offer',
      payload: { session_id: sessionId, sdp: { type: 'offer', sdp } },
    });
  }

  addCandidate(sessionId: string, candidate: IceCandidate): void {
    this.#link.sendToEgress({ type: 'signal_ice', payload: { session_id: sessionId, candidate } });
  }

  endWatch(sessionId: string, reason: WatchEndReason): void {
    this.#link.sendToEgress({ type: 'watch_ended', payload: { session_id: sessionId, reason } });
  }

  #hear(message: FromEgress, sessions: WatchSessions): void {
    const deviceId = this.#deviceId();
    if (message.type === 'egress_ready') this.#ready = true;
    else if (message.type === 'signal_answer') {
      sessions.answer(deviceId, message.payload.session_id, message.payload.sdp.sdp);
    } else if (message.type === 'signal_ice') {
      sessions.addDeviceCandidate(deviceId, message.payload.session_id, message.payload.candidate);
    } else if (message.type === 'egress_watch') {
      const { session_id: sessionId, user_id: viewerId, state, reason, message: why } = message.payload;
      if (state === 'connected') {
        sessions.adopt({ sessionId, viewerId, deviceId, device: this });
        sessions.connected(deviceId, sessionId);
      } else {
        const end = reason ?? 'error';
        sessions.endedByDevice(
          deviceId,
          sessionId,
          endReasons[end],
          why === null ? null : problemOf(end, why),
        );
      }
    }
  }
}

/** A rejected offer is for who sent it to mend; all else passes, or goes another way. */
function problemOf(end: EgressEnd, message: string): OnairError {
  if (end === 'rejected') return new OnairError('invalid-message', message, { subject: 'offer' });
  if (end !== 'full') return new OnairError('unavailable', message, { retryAfterSeconds: 1 });
  return new OnairError('unavailable', message, {
    subject: 'webrtc',
    action: 'Watch /hls/live.m3u8, or try again when somebody has left.',
    retryAfterSeconds: 10,
  });
}
