import type { Clock } from '#core/domain/clock.ts';
import type { FromEgress } from '#core/protocol/link/egress.ts';
import type { EgressEnd, SignalFromEgress } from '#core/protocol/link/egress-signal.ts';
import type { IceCandidate, IceServer } from '#core/protocol/signaling.ts';
import type { Fitness } from '../congestion/target-bitrate.ts';
import type { Engine, LocalIce, RemoteIce } from '../engine.ts';
import type { FanOut } from '../rtp/fan-out.ts';
import { parseIceServers } from '../sdp/ice-server.ts';
import { maxSessions } from './limits.ts';
import { WatchSession } from './watch-session.ts';

type ListedSession = Extract<FromEgress, { type: 'egress_sessions' }>['payload']['sessions'][number];

/** What must be told of sessions. */
export interface WatchReporter {
  send(signal: SignalFromEgress): void;
  keyFrameNeeded(): void;
  /** What is sent now. */
  targetKbps(): number;
  /** Why nobody else finds a place now; null where there is one. */
  refusal(): string | null;
}

interface Deps {
  engine: Engine;
  fanOut: FanOut;
  reporter: WatchReporter;
  clock: Clock;
}

/** All viewers of this box, by session id. */
export class WatchSessions {
  readonly #deps: Deps;
  readonly #sessions = new Map<string, WatchSession>();
  #lossSum = 0;
  #lossReports = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Those to whom packets go. */
  get connected(): number {
    let connected = 0;
    for (const session of this.#sessions.values()) if (session.connected) connected += 1;
    return connected;
  }

  /** watch_request: somebody wants to watch; an id that is in use restarts its session. */
  request(sessionId: string, userId: string, iceServers: IceServer[]): void {
    this.end(sessionId);
    if (this.#sessions.size >= maxSessions) {
      const message = `This box serves no more than ${maxSessions} viewers by WebRTC at once.`;
      this.#ended(sessionId, userId, 'full', message);
      return;
    }
    const refusal = this.#deps.reporter.refusal();
    if (refusal !== null) {
      this.#ended(sessionId, userId, 'full', refusal);
      return;
    }
    const reporter = this.#deps.reporter;
    const session = new WatchSession({
      id: sessionId,
      userId,
      engine: this.#deps.engine,
      fanOut: this.#deps.fanOut,
      iceServers: parseIceServers(iceServers),
      clock: this.#deps.clock,
      events: {
        send: (signal) => {
          if (signal.kind === 'ended') this.#sessions.delete(sessionId);
          reporter.send(signal);
        },
        keyFrameNeeded: () => reporter.keyFrameNeeded(),
        targetKbps: () => reporter.targetKbps(),
        lossReported: (fraction) => {
          this.#lossSum += fraction;
          this.#lossReports += 1;
        },
      },
    });
    this.#sessions.set(sessionId, session);
  }

  /** signal_offer; one for a session that isn't there is ended at once, so that nobody waits for an answer. */
  async offer(sessionId: string, sdp: string): Promise<void> {
    const session = this.#sessions.get(sessionId);
    if (session) await session.offer(sdp);
    else this.#ended(sessionId, '', 'closed', 'This watch session is over.');
  }

  /** signal_ice; null is the end of candidates, which needs no act. */
  addCandidate(sessionId: string, candidate: IceCandidate): void {
    if (candidate !== null) this.#sessions.get(sessionId)?.addCandidate(candidate.candidate);
  }

  /** watch_ended: control knows, and is told nothing. */
  end(sessionId: string): void {
    this.#sessions.get(sessionId)?.close();
    this.#sessions.delete(sessionId);
  }

  /** A viewer starts ICE afresh; null where that can't be, and its session goes on as it is. */
  restartIce(sessionId: string, remote: RemoteIce): LocalIce | null {
    return this.#sessions.get(sessionId)?.restartIce(remote) ?? null;
  }

  /** Who is here, for control, which may have forgotten. */
  list(): ListedSession[] {
    return [...this.#sessions].map(([session_id, session]) => ({
      session_id,
      user_id: session.userId,
      connected: session.connected,
      ice_ufrag: session.iceUfrag,
      viewer_ice_ufrag: session.viewerIceUfrag,
    }));
  }

  /** Those to whom packets go, and what their links take. */
  links(): { id: string; userId: string; estimateKbps: number | null }[] {
    return [...this.#sessions]
      .filter(([, session]) => session.connected)
      .map(([id, { userId, estimateKbps }]) => ({ id, userId, estimateKbps }));
  }

  /** Sends each what its link can take. */
  adapt(fitness: (sessionId: string) => Fitness): void {
    for (const [sessionId, session] of [...this.#sessions])
      if (session.connected) session.adapt(fitness(sessionId));
  }

  /** Ends the viewer who came last, since the box can't serve them all. */
  shed(message: string): void {
    const last = [...this.#sessions.values()].filter((session) => session.connected).at(-1);
    last?.shed(message);
  }

  /** Once a second: ends who is gone. */
  checkDeadlines(): void {
    for (const session of [...this.#sessions.values()]) session.checkDeadline();
  }

  /** Mean of all receiver reports since the last call, 0 to 1; null without any. */
  takeLossRatio(): number | null {
    const ratio = this.#lossReports === 0 ? null : this.#lossSum / this.#lossReports;
    this.#lossSum = 0;
    this.#lossReports = 0;
    return ratio;
  }

  /** Ends all sessions. With a message, control hears it for each. */
  close(message: string | null = null): void {
    for (const [sessionId, session] of this.#sessions) {
      session.close();
      if (message !== null) this.#ended(sessionId, session.userId, 'error', message);
    }
    this.#sessions.clear();
  }

  #ended(sessionId: string, userId: string, reason: EgressEnd, message: string): void {
    this.#deps.reporter.send({ kind: 'ended', sessionId, userId, reason, message });
  }
}
