import type {
  Fingerprint,
  FrameStreams,
  LocalTransport,
  Peer,
  PeerEvents,
  PeerFrames,
  RemoteTransport,
} from './engine.ts';
import type { IceCredentials } from './ice/connectivity-check.ts';
import { hostCandidates } from './ice/host-candidates.ts';
import { IceAgent } from './ice/ice-agent.ts';
import type { AddonCounts, AddonEngine, AddonLabels } from './native-addon.ts';

interface NativePeerOptions {
  id: number;
  addon: AddonEngine;
  remote: RemoteTransport;
  events: PeerEvents;
  fingerprint: Fingerprint;
  address: { port: number; bindAddress: string | null; ipv4Only: boolean };
  known: (ufrag: string, peer: NativePeer) => void;
  released: (ufrags: string[]) => void;
}

/** One viewer of the native engine: ICE here, all that comes after it in the addon. */
export class NativePeer implements Peer {
  readonly ice: IceAgent;
  readonly #id: number;
  readonly #addon: AddonEngine;
  readonly #deps: NativePeerOptions;
  readonly #setup: 'active' | 'passive';
  #released: ((ufrags: string[]) => void) | null;
  #events: PeerEvents | null;
  #frameEvents: { skipped(): void } | null = null;
  #ufrags: string[] = [];
  #candidates: string[] = [];
  #closed = false;

  constructor(deps: NativePeerOptions) {
    this.#deps = deps;
    const { id, addon, remote } = deps;
    this.#id = id;
    this.#addon = addon;
    this.#released = deps.released;
    this.#events = deps.events;
    // As a server we choose the cipher: browsers that are one choose the slower HMAC.
    this.#setup = remote.setup === 'passive' ? 'active' : 'passive';
    const { algorithm, value } = remote.fingerprint;
    const expected = Buffer.from(value.replaceAll(':', ''), 'hex');
    addon.add(id, this.#setup === 'passive', algorithm.replace('-', ''), expected);
    this.ice = new IceAgent(
      id,
      { ufrag: remote.iceUfrag, password: remote.icePwd },
      {
        send: (path, bytes) => addon.sendTo(path, bytes),
        authenticated: (path) => addon.route(id, path),
        selected: (path) => addon.select(id, path),
        consentLost: () => this.handleEnd('closed'),
      },
    );
    this.#remember(this.ice.local);
    this.#candidates = hostCandidates(this.#deps.address);
    for (const candidate of remote.candidates) this.ice.addRemoteCandidate(candidate);
  }

  get local(): LocalTransport {
    const { ufrag, password } = this.ice.local;
    return {
      iceUfrag: ufrag,
      icePwd: password,
      fingerprint: this.#deps.fingerprint,
      setup: this.#setup,
      iceLite: false,
      candidates: this.#candidates,
      complete: true,
    };
  }

  readonly frames: PeerFrames = {
    attach: (streams, fromLastKeyFrame, events) => {
      if (this.#closed) return;
      this.#frameEvents = events;
      const { video, audio } = streams;
      this.#addon.attach(this.#id, fromLastKeyFrame, labels(video), audio ? labels(audio) : null);
    },
    resend: (sequences) => this.#addon.resend(this.#id, sequences),
    keyFramesOnly: (only) => this.#addon.keyFramesOnly(this.#id, only),
    counts: (): AddonCounts => this.#addon.counts(this.#id) ?? noCounts,
    sent: (first, count, values) => this.#addon.sent(this.#id, first, count, values),
  };

  send(packet: Buffer): void {
    if (!this.#closed) this.#addon.send(this.#id, packet);
  }

  addRemoteCandidate(candidate: string): void {
    this.ice.addRemoteCandidate(candidate);
  }

  restartIce(remote: { iceUfrag: string; icePwd: string; candidates: string[] }): LocalTransport {
    this.#remember(this.ice.restart({ ufrag: remote.iceUfrag, password: remote.icePwd }));
    this.#candidates = hostCandidates(this.#deps.address);
    for (const candidate of remote.candidates) this.ice.addRemoteCandidate(candidate);
    return this.local;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events = null;
    this.#frameEvents = null;
    this.ice.close();
    this.#addon.remove(this.#id);
    this.#released?.(this.#ufrags);
    this.#released = null;
  }

  handleRtcp(packet: Buffer): void {
    this.#events?.rtcp(packet);
  }

  handleConnected(): void {
    this.#events?.connected();
  }

  /** After its end the peer still waits for `close`. */
  handleEnd(how: 'closed' | 'failed'): void {
    const events = this.#events;
    this.#events = null;
    this.ice.close();
    events?.ended(how);
  }

  handleSkip(): void {
    this.#frameEvents?.skipped();
  }

  #remember({ ufrag }: IceCredentials): void {
    this.#ufrags.push(ufrag);
    this.#deps.known(ufrag, this);
  }
}

const noCounts: AddonCounts = {
  videoPackets: 0,
  videoOctets: 0,
  audioPackets: 0,
  audioOctets: 0,
  bytesSent: 0,
  skippedFrames: 0,
  repeats: 0,
};

function labels(stream: FrameStreams['video']): AddonLabels {
  return {
    ssrc: stream.ssrc,
    timestampOffset: 0,
    firstSequence: stream.firstSequence,
    payloadType: stream.payloadType,
    repeatPayloadType: stream.repeat?.payloadType ?? 0,
    repeatSsrc: stream.repeat?.ssrc ?? 0,
    transportSequenceId: stream.extensions.transportSequence ?? 0,
    sendTimeId: stream.extensions.sendTime ?? 0,
  };
}
