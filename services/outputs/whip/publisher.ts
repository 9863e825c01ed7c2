import { randomBytes } from 'node:crypto';
import {
  Audio,
  H264RtpPacketizer,
  PeerConnection,
  RtcpNackResponder,
  RtcpSrReporter,
  RtpPacketizationConfig,
  RtpPacketizer,
  type Track,
  Video,
} from 'node-datachannel';
import { EventHub } from '#core/domain/event-hub.ts';
import type { BusAudio, BusStream, BusVideo } from '#core/protocol/media-bus.ts';
import { parameterSets, profileLevelId } from './parameter-sets.ts';
import { asksForKeyFrame } from './rtcp.ts';

type PublisherEvents = {
  /** The other end takes pictures. */
  connected: undefined;
  keyFrameWanted: undefined;
  failed: string;
};

const videoPayloadType = 102;
const soundPayloadType = 111;
const gatherWithinMs = 2_000;
/** Constrained baseline, which every receiver takes, at the level that is sent (RFC 6184, 8.1). */
const videoProfile = (stream: BusStream): string =>
  `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${profileLevelId(stream.avcConfiguration)}`;

/** One WebRTC connection that sends the encoder's own frames: H.264 and Opus. */
export class Publisher {
  readonly events = new EventHub<PublisherEvents>();
  readonly #connection: PeerConnection;
  readonly #video: { track: Track; rtp: RtpPacketizationConfig };
  readonly #sound: { track: Track; rtp: RtpPacketizationConfig };
  readonly #base: number;
  #parameterSets: Buffer;
  #open = false;
  #begun = false;
  bytesSent = 0;

  /** @param base time 0 of the stream, in ticks of the media bus */
  constructor({ stream, base, stunServers }: { stream: BusStream; base: number; stunServers: string[] }) {
    this.#base = base;
    this.#parameterSets = parameterSets(stream.avcConfiguration);
    this.#connection = new PeerConnection('onair', { iceServers: stunServers });
    const ssrc = (): number => randomBytes(4).readUInt32BE();
    const [videoSsrc, soundSsrc] = [ssrc(), ssrc()];
    const video = new Video('0', 'SendOnly');
    video.addH264Codec(videoPayloadType, videoProfile(stream));
    video.addSSRC(videoSsrc, 'onair', 'onair', 'video');
    const sound = new Audio('1', 'SendOnly');
    sound.addOpusCodec(soundPayloadType);
    sound.addSSRC(soundSsrc, 'onair', 'onair', 'audio');
    const videoRtp = new RtpPacketizationConfig(videoSsrc, 'onair', videoPayloadType, 90_000);
    const soundRtp = new RtpPacketizationConfig(soundSsrc, 'onair', soundPayloadType, 48_000);
    this.#video = { track: this.#connection.addTrack(video), rtp: videoRtp };
    this.#sound = { track: this.#connection.addTrack(sound), rtp: soundRtp };
    for (const { track, packetizer, rtp } of [
      { ...this.#video, packetizer: new H264RtpPacketizer('Length', videoRtp) },
      { ...this.#sound, packetizer: new RtpPacketizer(soundRtp) },
    ]) {
      packetizer.addToChain(new RtcpSrReporter(rtp));
      packetizer.addToChain(new RtcpNackResponder());
      track.setMediaHandler(packetizer);
    }
    this.#video.track.onOpen(() => {
      this.#open = true;
      this.events.emit('connected');
    });
    this.#video.track.onMessage((packet) => {
      if (asksForKeyFrame(packet)) this.events.emit('keyFrameWanted');
    });
    this.#connection.onStateChange((state) => {
      if (state === 'failed' || state === 'disconnected' || state === 'closed')
        this.events.emit('failed', state);
    });
  }

  /** Its offer, with the candidates in it. */
  async offer(): Promise<string> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, gatherWithinMs);
      this.#connection.onGatheringStateChange((state) => {
        if (state !== 'complete') return;
        clearTimeout(timer);
        resolve();
      });
      this.#connection.setLocalDescription('offer');
    });
    return this.#connection.localDescription()?.sdp ?? '';
  }

  accept(answer: string): void {
    this.#connection.setRemoteDescription(answer, 'answer');
  }

  describe(stream: BusStream): void {
    this.#parameterSets = parameterSets(stream.avcConfiguration);
  }

  sendVideo({ key, pts, bytes }: BusVideo): void {
    if (!this.#open || (!this.#begun && !key)) return;
    this.#begun = true;
    this.#video.rtp.timestamp = Math.max(0, pts - this.#base) % 2 ** 32;
    this.#send(this.#video.track, key ? Buffer.concat([this.#parameterSets, bytes]) : Buffer.from(bytes));
  }

  sendSound({ pts, bytes }: BusAudio): void {
    if (!this.#open || !this.#begun) return;
    this.#sound.rtp.timestamp = Math.round((Math.max(0, pts - this.#base) * 48) / 90) % 2 ** 32;
    this.#send(this.#sound.track, Buffer.from(bytes));
  }

  close(): void {
    this.events.close();
    this.#open = false;
    this.#connection.close();
  }

  #send(track: Track, bytes: Buffer): void {
    try {
      if (track.isOpen() && track.sendMessageBinary(bytes)) this.bytesSent += bytes.length;
    } catch {
      // It closed between two frames; the state that says so is on its way.
    }
  }
}
