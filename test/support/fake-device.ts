import type { WatchedDevice } from '#control/domain/watch-session.ts';
import type { RestartedIce } from '#control/link/own-egress.ts';
import type { IceCandidate, IceServer, WatchEndReason } from '#core/protocol/signaling.ts';

/** A device that writes down what it is told. */
export class FakeDevice implements WatchedDevice {
  readonly own = true;
  online = true;
  readonly told: string[] = [];
  readonly iceServers: IceServer[][] = [];

  requestWatch(request: { sessionId: string; userId: string; iceServers: IceServer[] }): void {
    this.iceServers.push(request.iceServers);
    this.told.push(`watch_request ${request.sessionId} ${request.userId}`);
  }

  offer(sessionId: string, sdp: string): void {
    this.told.push(`offer ${sessionId} ${sdp}`);
  }

  addCandidate(sessionId: string, candidate: IceCandidate): void {
    this.told.push(`ice ${sessionId} ${candidate === null ? 'end' : candidate.candidate}`);
  }

  /** What an ICE restart brings; null is a device that can't. */
  restartedIce: RestartedIce = null;

  restartIce(
    sessionId: string,
    { iceUfrag, candidates }: { iceUfrag: string; icePwd: string; candidates: string[] },
  ): Promise<RestartedIce> {
    this.told.push(`restart ${sessionId} ${[iceUfrag, ...candidates].join(' ')}`);
    return Promise.resolve(this.restartedIce);
  }

  endWatch(sessionId: string, reason: WatchEndReason): void {
    this.told.push(`watch_ended ${sessionId} ${reason}`);
  }
}
