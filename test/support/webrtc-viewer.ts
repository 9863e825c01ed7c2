import { EventEmitter, once } from 'node:events';
import { Audio, PeerConnection, RtcpReceivingSession, type Track, Video } from 'node-datachannel';
import { seen } from './rtp-packets.ts';

interface ViewerEvents {
  video: [Buffer];
  audio: [Buffer];
  rtcp: [Buffer];
  state: [string];
}

const isRtcp = (packet: Buffer): boolean =>
  ((packet[1] ?? 0) & 0x7f) >= 64 && ((packet[1] ?? 0) & 0x7f) <= 95;

/** A viewer that is no browser: it offers, receives RTP and says RTCP, and shows both bit by bit. */
export class WebRtcViewer extends EventEmitter<ViewerEvents> {
  readonly video: Buffer[] = [];
  readonly audio: Buffer[] = [];
  readonly rtcp: Buffer[] = [];
  readonly states: string[] = [];
  readonly candidates: string[] = [];
  #connection: PeerConnection | null;
  #tracks: Track[] = [];

  /**
   * @param options.reports answers sender reports, as every receiver does
   * @param options.bindAddress where it listens; by default on every address
   */
  constructor(
    options: { videoType?: number; audio?: boolean; reports?: boolean; bindAddress?: string } = {},
  ) {
    super();
    this.setMaxListeners(50);
    const { videoType = 102, audio = true, reports = false, bindAddress } = options;
    const connection = new PeerConnection('viewer', {
      iceServers: [],
      ...(bindAddress === undefined ? {} : { bindAddress }),
    });
    this.#connection = connection;
    connection.onStateChange((state) => {
      this.states.push(state);
      this.emit('state', state);
    });
    const video = new Video('video', 'RecvOnly');
    video.addH264Codec(videoType, 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f');
    const videoTrack = connection.addTrack(video);
    if (reports) videoTrack.setMediaHandler(new RtcpReceivingSession());
    videoTrack.onMessage((packet) => this.#take('video', packet));
    videoTrack.onClosed(() => {}); // without a listener the native track is never let go
    this.#tracks.push(videoTrack);
    if (!audio) return;
    const sound = new Audio('audio', 'RecvOnly');
    sound.addOpusCodec(111);
    const audioTrack = connection.addTrack(sound);
    audioTrack.onMessage((packet) => this.#take('audio', packet));
    audioTrack.onClosed(() => {});
    this.#tracks.push(audioTrack);
  }

  /** The offer once all candidates are known; `bare` leaves them out, as a client does that trickles them all. */
  async offer({ bare = false } = {}): Promise<string> {
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
    return bare ? sdp.replace(/a=(candidate:.*|end-of-candidates)\r\n/g, '') : sdp;
  }

  accept(answer: string): void {
    this.#connection?.setRemoteDescription(answer, 'answer');
  }

  /** Says one RTCP packet. */
  say(packet: Buffer): void {
    this.#tracks[0]?.sendMessageBinary(packet);
  }

  pictureLost(ssrc: number): void {
    const packet = Buffer.from('81ce00020000000100000000', 'hex');
    packet.writeUInt32BE(ssrc, 8);
    this.say(packet);
  }

  missing(ssrc: number, sequence: number): void {
    const packet = Buffer.from('81cd0003000000010000000000000000', 'hex');
    packet.writeUInt32BE(ssrc, 8);
    packet.writeUInt16BE(sequence, 12);
    this.say(packet);
  }

  /** Waits until `there` holds, looking again at each event. */
  async until(event: keyof ViewerEvents, there: () => boolean, timeoutMs = 30_000): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (!there()) {
      await once(this, event, { signal }).catch(() => {
        const { video, audio, rtcp } = this;
        throw new Error(
          `not within ${timeoutMs} ms: ${video.length} video, ${audio.length} audio, ${rtcp.length} RTCP; ${this.states.join(' ')}`,
        );
      });
    }
  }

  close(): void {
    for (const track of this.#tracks) track.close();
    this.#connection?.close();
    this.#connection = null;
    this.#tracks = [];
    this.removeAllListeners();
  }

  #take(kind: 'video' | 'audio', packet: Buffer): void {
    if (isRtcp(packet)) {
      this.rtcp.push(packet);
      this.emit('rtcp', packet);
    } else {
      this[kind].push(packet);
      this.emit(kind, packet);
    }
  }
}

/** True if these packets have consecutive sequence numbers and time stamps that never go back. */
export function isContinuous(packets: Buffer[]): boolean {
  return packets.every((packet, at) => {
    const before = packets[at - 1];
    if (!before) return true;
    const [a, b] = [seen(before), seen(packet)];
    return b.sequence === ((a.sequence + 1) & 0xffff) && ((b.timestamp - a.timestamp) | 0) >= 0;
  });
}
