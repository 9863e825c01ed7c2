import { EventEmitter, once } from 'node:events';
import type { RTCPeerConnection } from 'werift';
import { pictureUnits } from '../media-sample.ts';
import type { Kind } from '../requirement.ts';
import { rtpPacket } from '../rtp.ts';
import type { Peer, PeerState } from './peer.ts';

type Library = typeof import('werift');

/** werift: WebRTC in TypeScript. */
export async function weriftPeer(kind: Kind): Promise<Peer | null> {
  const library = await import('werift').catch(() => null);
  return library && new WeriftPeer(library, kind);
}

class WeriftPeer implements Peer {
  readonly make = 'werift';
  readonly rtp: Buffer[] = [];
  readonly rtcp: Buffer[] = [];
  readonly candidates: string[] = [];
  readonly #events = new EventEmitter();
  readonly #connection: RTCPeerConnection;
  #sending: NodeJS.Timeout | null = null;

  constructor(library: Library, kind: Kind) {
    const { RTCPeerConnection: Connection, RTCRtpCodecParameters: Codec, MediaStreamTrack } = library;
    const feedback = ['nack', 'nack pli', 'ccm fir'].map((each) => {
      const [type = '', parameter] = each.split(' ');
      return parameter === undefined ? { type } : { type, parameter };
    });
    this.#connection = new Connection({
      iceServers: [],
      bundlePolicy: 'max-bundle',
      codecs: {
        video: [
          new Codec({
            ...{ mimeType: 'video/H264', clockRate: 90_000, payloadType: 102, rtcpFeedback: feedback },
            parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
          }),
        ],
        audio: [new Codec({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, payloadType: 111 })],
      },
    });
    if (kind === 'whip') {
      const track = new MediaStreamTrack({ kind: 'video' });
      this.#connection.addTransceiver(track, { direction: 'sendonly' });
      this.#send(track);
    } else {
      for (const media of ['audio', 'video'] as const) {
        const transceiver = this.#connection.addTransceiver(media, { direction: 'recvonly' });
        transceiver.onTrack.subscribe((track) =>
          track.onReceiveRtp.subscribe((packet) => {
            this.rtp.push(packet.serialize());
            this.#events.emit('change');
          }),
        );
      }
    }
    this.#connection.connectionStateChange.subscribe(() => this.#events.emit('change'));
  }

  get state(): PeerState {
    const { connectionState } = this.#connection;
    return connectionState === 'disconnected' ? 'closed' : connectionState;
  }

  async offer({ trickle = false } = {}): Promise<string> {
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    const sdp = this.#connection.localDescription?.sdp ?? '';
    this.candidates.push(...[...sdp.matchAll(/^a=(candidate:.*)\r$/gm)].map(([, line]) => line ?? ''));
    return trickle ? sdp.replace(/a=(candidate:.*|end-of-candidates)\r\n/g, '') : sdp;
  }

  async accept(answer: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  say(_packet: Buffer): void {}

  async until(there: () => boolean, timeoutMs: number): Promise<boolean> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (!there()) {
      const changed = await once(this.#events, 'change', { signal }).catch(() => null);
      if (changed === null) return there();
    }
    return true;
  }

  async close(): Promise<void> {
    if (this.#sending) clearInterval(this.#sending);
    await this.#connection.close();
  }

  #send(track: InstanceType<Library['MediaStreamTrack']>): void {
    let sequence = 0;
    let timestamp = 0;
    this.#sending = setInterval(() => {
      if (this.state !== 'connected') return;
      for (const [at, unit] of pictureUnits.entries()) {
        const marker = at === pictureUnits.length - 1;
        track.writeRtp(rtpPacket({ payloadType: 102, sequence, timestamp, ssrc: 1, marker }, unit));
        sequence += 1;
      }
      timestamp += 6_000;
    }, 66);
  }
}
