import type { Audio, PeerConnection, Track, Video } from 'node-datachannel';
import { pictureUnits, silence } from '../media-sample.ts';
import type { Kind } from '../requirement.ts';
import { isRtcp, rtpPacket, senderReport } from '../rtp.ts';
import type { Peer, PeerState } from './peer.ts';

type Library = typeof import('node-datachannel');

const framesPerSecond = 15;
const videoSsrc = 0x11223344;
const audioSsrc = 0x55667788;
const h264 = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f';

/** Of RTX for H.264 (RFC 4588), where a check asks for it. */
export const rtxType = 103;

/** libdatachannel: packets are seen as they come, RTCP is said by hand. */
export async function datachannelPeer(kind: Kind, { rtx = false } = {}): Promise<Peer | null> {
  const library = await import('node-datachannel').then(
    (module) => (module as unknown as { default?: Library }).default ?? module,
    () => null,
  );
  return library && new DatachannelPeer(library, kind, rtx);
}

class DatachannelPeer implements Peer {
  readonly make = 'libdatachannel';
  readonly rtp: Buffer[] = [];
  readonly rtcp: Buffer[] = [];
  readonly candidates: string[] = [];
  state: PeerState = 'new';
  #connection: PeerConnection | null;
  readonly #kind: Kind;
  readonly #tracks: { video: Track; audio: Track };
  readonly #waiting = new Set<() => void>();
  #sending: NodeJS.Timeout | null = null;

  constructor(library: Library, kind: Kind, rtx: boolean) {
    this.#kind = kind;
    const connection = new library.PeerConnection('conformance', { iceServers: [] });
    this.#connection = connection;
    const direction = kind === 'whep' ? 'RecvOnly' : 'SendOnly';
    const audio = new library.Audio('0', direction);
    audio.addOpusCodec(111);
    const video = new library.Video('1', direction);
    video.addH264Codec(102, h264);
    if (rtx) video.addRTXCodec(rtxType, 102, 90_000);
    if (kind === 'whip') {
      audio.addSSRC(audioSsrc, 'conformance', 'conformance', 'audio');
      video.addSSRC(videoSsrc, 'conformance', 'conformance', 'video');
    }
    this.#tracks = { audio: this.#add(audio), video: this.#add(video) };
    connection.onStateChange((state) => {
      this.state = stateOf(state);
      this.#look();
    });
  }

  /** Never with candidates: libdatachannel can't take a server's checks before it has the answer. */
  async offer(): Promise<string> {
    const connection = this.#connection;
    if (!connection) throw new Error('closed');
    const gathered = new Promise<void>((resolve) => {
      connection.onGatheringStateChange((state) => {
        if (state === 'complete') resolve();
      });
    });
    connection.onLocalCandidate((candidate) => this.candidates.push(candidate.replace(/^a=/, '')));
    connection.setLocalDescription();
    await gathered;
    const sdp = connection.localDescription()?.sdp ?? '';
    return sdp.replace(/a=(candidate:.*|end-of-candidates)\r\n/g, '');
  }

  async accept(answer: string): Promise<void> {
    this.#connection?.setRemoteDescription(answer, 'answer');
    if (this.#kind === 'whip') this.#send();
  }

  say(packet: Buffer): void {
    this.#tracks.video.sendMessageBinary(packet);
  }

  async until(there: () => boolean, timeoutMs: number): Promise<boolean> {
    if (there()) return true;
    return await new Promise((resolve) => {
      const look = (): void => {
        if (!there()) return;
        end(true);
      };
      const end = (held: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(held);
      };
      const timer = setTimeout(() => end(there()), timeoutMs);
      this.#waiting.add(look);
    });
  }

  close(): void {
    if (this.#sending) clearInterval(this.#sending);
    for (const track of Object.values(this.#tracks)) track.close();
    this.#connection?.close();
    this.#connection = null;
  }

  #add(media: Audio | Video): Track {
    const track = (this.#connection as PeerConnection).addTrack(media);
    track.onMessage((packet) => {
      (isRtcp(packet) ? this.rtcp : this.rtp).push(packet);
      this.#look();
    });
    track.onClosed(() => {});
    return track;
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** The same key frame again and again, and silence. */
  #send(): void {
    let sequence = 0;
    let frames = 0;
    this.#sending = setInterval(() => {
      if (this.state !== 'connected') return;
      const timestamp = (frames * 90_000) / framesPerSecond;
      try {
        for (const [at, unit] of pictureUnits.entries()) {
          const header = { payloadType: 102, sequence, timestamp, ssrc: videoSsrc };
          this.#tracks.video.sendMessageBinary(
            rtpPacket({ ...header, marker: at === pictureUnits.length - 1 }, unit),
          );
          sequence += 1;
        }
        const header = {
          payloadType: 111,
          sequence: frames,
          timestamp: (frames * 48_000) / framesPerSecond,
          ssrc: audioSsrc,
        };
        this.#tracks.audio.sendMessageBinary(rtpPacket({ ...header, marker: false }, silence));
        if (frames % framesPerSecond === 0) this.say(senderReport(videoSsrc, timestamp, sequence));
      } catch {
        // between two packets the server went
      }
      frames += 1;
    }, 1_000 / framesPerSecond);
  }
}

function stateOf(state: string): PeerState {
  if (state === 'connected' || state === 'connecting' || state === 'failed') return state;
  return state === 'closed' || state === 'disconnected' ? 'closed' : 'new';
}
