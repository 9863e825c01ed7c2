import type { WatchedDevice } from '#control/domain/watch-session.ts';
import type { RestartedIce } from '#control/link/own-egress.ts';
import type { IceServer } from '#core/protocol/signaling.ts';
import type { SignalToDevice } from '#core/protocol/watch-signal.ts';

/** A device that writes down what it is told. */
export class FakeDevice implements WatchedDevice {
  readonly own = true;
  online = true;
  readonly told: string[] = [];
  readonly iceServers: IceServer[][] = [];

  send(signal: SignalToDevice): void {
    const { kind, sessionId } = signal;
    if (kind === 'request') {
      this.iceServers.push(signal.iceServers);
      this.told.push(`watch_request ${sessionId} ${signal.userId}`);
    } else if (kind === 'offer') this.takeOffer(sessionId, signal.sdp);
    else if (kind === 'candidate') this.told.push(`ice ${sessionId} ${signal.candidate?.candidate ?? 'end'}`);
    else this.told.push(`watch_ended ${sessionId} ${signal.reason}`);
  }

  takeOffer(sessionId: string, sdp: string): void {
    this.told.push(`offer ${sessionId} ${sdp}`);
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
}
