import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { FromEgress } from '#core/protocol/link/egress.ts';
import {
  decodeFromEgress,
  type EgressEnd,
  type SignalFromEgress,
} from '#core/protocol/link/egress-signal.ts';
import type { WatchEndReason } from '#core/protocol/signaling.ts';
import { encodeToDevice, type SignalFromDevice, type SignalToDevice } from '#core/protocol/watch-signal.ts';
import type { WatchedDevice, WatchSessions } from '../domain/watch-session.ts';
import type { LinkHost } from './link-host.ts';

type Of<Type extends FromEgress['type']> = Extract<FromEgress, { type: Type }>['payload'];
/** Egress's end of a restarted ICE session; null where it goes on as it was. */
export type RestartedIce = Of<'egress_ice'>['ice'];

const endReasons: Record<EgressEnd, WatchEndReason> = {
  rejected: 'error',
  full: 'error',
  timeout: 'timeout',
  closed: 'viewer_disconnected',
  error: 'error',
  unreachable: 'error',
};

const unreachable: Problem = {
  code: 'webrtc-no-address',
  message: 'WebRTC has no network address to be reached at. Viewers get LL-HLS.',
  action: 'Connect the box to a network, or set webrtc.bindAddress to an address that it has.',
};

/** Egress answers within milliseconds; one that hangs must not hold a viewer. */
const restartTimeoutMs = 2_000;
/** Messages cross on their way: one differing count means nothing yet. */
const differingCounts = 2;

interface Deps {
  link: LinkHost;
  deviceId: () => string;
  clock: Clock;
  /** It hangs, and would answer nobody. */
  silent?: () => boolean;
}

/** This box's own egress as the device that viewers watch, over the link instead of `/ws/device`. */
export class OwnEgress implements WatchedDevice {
  readonly #deps: Deps;
  readonly own = true;
  /** Who waits for `egress_ice` of a session, in the order in which egress will answer. */
  readonly #restarts = new Map<string, ((ice: RestartedIce) => void)[]>();
  readonly #silent: () => boolean;
  #unreachable = false;
  #ready = false;
  /** The link came back: what egress has kept is heard of next. */
  #mayAdopt = false;
  #differing = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#silent = deps.silent ?? (() => false);
  }

  /** What keeps viewers from WebRTC, as the last of them found out. */
  get problems(): readonly Problem[] {
    return this.#unreachable ? [unreachable] : [];
  }

  get online(): boolean {
    return this.#ready && !this.#silent();
  }

  /** Relays what egress says to the watch sessions. */
  start(sessions: WatchSessions): void {
    this.#deps.link.events.on('egress', (message) => this.#hear(message, sessions));
    this.#deps.link.events.on('left', ({ daemon }) => {
      if (daemon !== 'egress') return;
      this.#ready = false;
      for (const settle of [...this.#restarts.values()].flat()) settle(null);
      this.#restarts.clear();
      sessions.loseDevice(this.#deps.deviceId());
    });
  }

  send(signal: SignalToDevice): void {
    this.#deps.link.sendToEgress(encodeToDevice(signal));
  }

  /**
   * Starts ICE of a session afresh under the viewer's new credentials.
   * @param candidates `candidate:…` lines
   * @returns null where egress can't: the session goes on as it is
   */
  restartIce(
    sessionId: string,
    { iceUfrag, icePwd, candidates }: { iceUfrag: string; icePwd: string; candidates: string[] },
  ): Promise<RestartedIce> {
    return new Promise((resolve) => {
      const payload = { session_id: sessionId, ice_ufrag: iceUfrag, ice_pwd: icePwd, candidates };
      if (!this.#deps.link.sendToEgress({ type: 'egress_ice_restart', payload })) {
        resolve(null);
        return;
      }
      const cancel = this.#deps.clock.after(restartTimeoutMs, () => resolve(null));
      const settle = (ice: RestartedIce): void => {
        cancel();
        resolve(ice);
      };
      this.#restarts.set(sessionId, [...(this.#restarts.get(sessionId) ?? []), settle]);
    });
  }

  #iceRestarted({ session_id: sessionId, ice }: Of<'egress_ice'>): void {
    const [settle, ...others] = this.#restarts.get(sessionId) ?? [];
    if (others.length > 0) this.#restarts.set(sessionId, others);
    else this.#restarts.delete(sessionId);
    settle?.(ice);
  }

  #hear(message: FromEgress, sessions: WatchSessions): void {
    const deviceId = this.#deps.deviceId();
    switch (message.type) {
      case 'egress_ready':
        this.#ready = true;
        this.#mayAdopt = true;
        break;
      case 'egress_sessions':
        this.#reconcile(message.payload.sessions, sessions);
        break;
      case 'egress_progress':
        this.#compare(message.payload.sessions, sessions);
        break;
      case 'egress_ice':
        this.#iceRestarted(message.payload);
        break;
      case 'signal_answer':
      case 'signal_ice':
      case 'egress_watch': {
        const signal = decodeFromEgress(message);
        if (signal.kind === 'answer') this.#unreachable = false;
        if (signal.kind === 'ended' && signal.reason === 'unreachable') this.#unreachable = true;
        // What is not known here has been ended here, while this was on its way: it must not take a place again.
        sessions.receiveFromDevice(deviceId, signalOf(signal));
        break;
      }
    }
  }

  /** Egress and control know of the same sessions, or soon will. */
  #compare(count: number, sessions: WatchSessions): void {
    this.#differing = count === sessions.countOf(this.#deps.deviceId()) ? 0 : this.#differing + 1;
    if (this.#differing < differingCounts) return;
    this.#differing = 0;
    this.#deps.link.sendToEgress({ type: 'egress_list_sessions', payload: {} });
  }

  /** Who is connected holds a place, and nobody else does for longer than it takes to connect. */
  #reconcile(listed: Of<'egress_sessions'>['sessions'], sessions: WatchSessions): void {
    const deviceId = this.#deps.deviceId();
    for (const { session_id: sessionId, user_id: viewerId, connected, ...names } of listed) {
      if (sessions.has(sessionId)) continue;
      const { ice_ufrag: deviceUfrag, viewer_ice_ufrag: viewerUfrag } = names;
      const ice = deviceUfrag !== null && viewerUfrag !== null ? { deviceUfrag, viewerUfrag } : null;
      const adopted =
        this.#mayAdopt && connected && sessions.adopt({ sessionId, viewerId, deviceId, device: this, ice });
      if (!adopted) this.send({ kind: 'ended', sessionId, reason: 'error' });
    }
    this.#mayAdopt = false;
    sessions.keepOnly(deviceId, new Set(listed.map((session) => session.session_id)));
  }
}

/** As any device would say it, with why a session ended in words for people. */
function signalOf(signal: SignalFromEgress): SignalFromDevice {
  if (signal.kind !== 'ended') return signal;
  const { kind, sessionId, reason, message } = signal;
  const why = message === null ? undefined : problemOf(reason, message);
  return { kind, sessionId, reason: endReasons[reason], why };
}

/** A rejected offer is the sender's to correct; everything else passes, or the viewer goes another way. */
function problemOf(end: EgressEnd, message: string): OnairError {
  if (end === 'rejected') return new OnairError('invalid-message', message, { subject: 'offer' });
  if (end !== 'full') return new OnairError('unavailable', message, { retryAfterSeconds: 1 });
  return new OnairError('unavailable', message, {
    subject: 'webrtc',
    action: 'Watch /hls/live.m3u8, or try again when somebody has left.',
    retryAfterSeconds: 10,
  });
}
