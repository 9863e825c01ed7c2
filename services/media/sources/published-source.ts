import { connect, type Socket } from 'node:net';
import type { Problem } from '#core/domain/problem.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { loadGStreamer } from '../gstreamer.ts';
import {
  encodeStreamJson,
  encodeStreamMessage,
  type PublishedKind,
  type StreamBegin,
  StreamReader,
  streamMessage,
  type TrackConfiguration,
} from '../ingest/stream-protocol.ts';
import { StreamTime } from '../ingest/stream-time.ts';
import { reasonOf } from '../reasons.ts';
import type { Source, SourceContext } from './contract.ts';
import { i420Bytes } from './frame-file.ts';
import { soundSampleRate } from './picture-text.ts';
import { PublishedDecoder, type TakenFrames } from './published-decoder.ts';
import { packetText, rtpTicksPerMs, trackText, transportText } from './published-text.ts';
import { ArrivalClock } from './pulled-frames.ts';
import { SoundClock, TrackClock } from './track-clock.ts';

const reconnectMs = 200;
/** Chunks of sound are no longer (contract.ts). */
const maxSoundBytes = (soundSampleRate / 20) * 4;
/** A publisher that has sent no picture for so long sends none. */
const pictureGraceMs = 6_000;
/** Until it is measured: one that is slow must not be taken for one that hangs. */
const slowestFramesPerSecond = 2;
/** How much another rate has to differ to be told. */
const rateChange = 1.4;
/** RTCP says it a few times within this time (RFC 3550, 6.2). */
const senderClockWithinMs = 3_000;
/** Packets that give no picture for so long, and for so many of its intervals, lack a key frame. */
const pictureMissing = { ms: 500, intervals: 3 };

/** A stream that others publish: taken from the ingest process, decoded here. */
export function openPublished(context: SourceContext, kind: PublishedKind): Source {
  const published = new PublishedSource(context, kind);
  return {
    async start() {
      published.start();
    },
  };
}

class PublishedSource {
  readonly #context: SourceContext;
  readonly #kind: PublishedKind;
  readonly #gstreamer = loadGStreamer();
  readonly #tracks = new Map<'video' | 'audio' | number, PublishedDecoder>();
  #clock = new ArrivalClock();
  #socket: Socket | null = null;
  /** What was sent before this source came is decoded and not shown. */
  #catchesUp = false;
  #lostPicture = false;
  #playing = false;
  #heard = false;
  #heardSinceMs: number | null = null;
  #framesPerSecond = 0;
  #toldFramesPerSecond = 0;
  #lastShownMs: number | null = null;
  #grace: NodeJS.Timeout | null = null;
  #missing: NodeJS.Timeout | null = null;
  /** Since when packets of pictures come and no picture. */
  #missingSinceMs: number | null = null;

  constructor(context: SourceContext, kind: PublishedKind) {
    this.#context = context;
    this.#kind = kind;
  }

  start(): void {
    this.#wait(null);
    this.#connect();
  }

  #connect(): void {
    const socket = connect(pathsFrom(process.env).ingestSocket);
    this.#socket = socket;
    const reader = new StreamReader((type, body) => this.#receive(type, body));
    socket.on('connect', () =>
      socket.write(encodeStreamJson(streamMessage.hello, { role: 'source', kind: this.#kind })),
    );
    socket.on('data', (bytes) => reader.push(bytes));
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => {
      this.#over(null);
      setTimeout(() => this.#connect(), reconnectMs);
    });
  }

  #receive(type: number, body: Buffer): void {
    switch (type) {
      case streamMessage.begin:
        this.#begin(JSON.parse(body.toString('utf8')));
        break;
      case streamMessage.configuration:
        this.#configure(JSON.parse(body.toString('utf8')));
        break;
      case streamMessage.picture:
        this.#picture(body.readUInt8(0) === 1, body.readDoubleLE(1), body.subarray(9));
        break;
      case streamMessage.sound:
        this.#tracks.get('audio')?.push(body.subarray(8), body.readDoubleLE(0));
        break;
      case streamMessage.bytes:
        this.#tracks.get('video')?.push(body, null);
        break;
      case streamMessage.packet:
        this.#packet(body.readUInt8(0), body.subarray(1));
        break;
      case streamMessage.replay:
        this.#catchesUp = body.readUInt8(0) === 1;
        break;
      case streamMessage.senderTime:
        this.#tracks.get(body.readUInt8(0))?.report(body.readUInt32LE(1), body.readDoubleLE(5));
        break;
      case streamMessage.end:
        this.#over(JSON.parse(body.toString('utf8')).reason);
        break;
    }
  }

  #begin({ form, tracks = [] }: StreamBegin): void {
    this.#over(null);
    this.#catchesUp = false;
    this.#grace = setTimeout(() => this.#missPictures(), pictureGraceMs);
    const { plan } = this.#context;
    if (form === 'bytes')
      this.#open('video', transportText(plan), { pictures: true, sound: plan.sound, clock: this.#clock });
    const pictures = new TrackClock();
    for (const track of tracks) {
      if (track.media === 'audio' && !plan.sound) continue;
      const isVideo = track.media === 'video';
      const own = isVideo ? pictures : new TrackClock();
      const clock = isVideo ? own : new SoundClock({ own, pictures });
      const packets = { time: new StreamTime(rtpTicksPerMs[track.media]), clock: own };
      const heard = { pictures: isVideo, sound: !isVideo, clock, packets };
      this.#open(track.payloadType, packetText(track, plan.video), heard);
    }
    if (form === 'packets') this.#missing = setInterval(() => this.#missKeyFrame(), pictureMissing.ms / 2);
  }

  #configure(track: TrackConfiguration): void {
    const { plan } = this.#context;
    if (track.media === 'audio' && !plan.sound) return;
    this.#tracks.get(track.media)?.close();
    const isVideo = track.media === 'video';
    if (isVideo) {
      this.#framesPerSecond = track.framesPerSecond ?? 0;
      this.#lostPicture = false;
    }
    const heard = { pictures: isVideo, sound: !isVideo, clock: this.#clock };
    this.#open(track.media, trackText(track, plan.video), heard);
  }

  #open(name: 'video' | 'audio' | number, text: string, taken: TakenFrames): void {
    const decoder = new PublishedDecoder(this.#gstreamer, text, {
      ...taken,
      pictureBytes: i420Bytes(this.#context.plan.video.width, this.#context.plan.video.height),
      onPicture: (bytes, capturedMs) => this.#show(bytes, capturedMs),
      onSound: (bytes, capturedMs) => this.#hear(bytes, capturedMs),
    });
    this.#tracks.set(name, decoder);
    decoder.start();
  }

  #picture(isKeyFrame: boolean, ptsMs: number, frame: Buffer): void {
    const decoder = this.#tracks.get('video');
    if (!decoder) return;
    if (this.#catchesUp) for (const track of this.#tracks.values()) track.showFrom(ptsMs);
    if (isKeyFrame) this.#lostPicture = false;
    if (!this.#lostPicture && !decoder.push(frame, ptsMs)) this.#lostPicture = true;
  }

  #packet(payloadType: number, packet: Buffer): void {
    const decoder = this.#tracks.get(payloadType);
    const time = decoder?.taken.packets?.time;
    if (!decoder || !time) return;
    const timeMs = time.at(packet.readUInt32BE(4));
    if (this.#catchesUp) decoder.showFrom(timeMs);
    else if (decoder.taken.pictures) this.#missingSinceMs ??= performance.now();
    decoder.push(packet, timeMs);
  }

  /** Decoding stands still: what was lost on the way here, or what the publisher sent, leads to no picture. */
  #missKeyFrame(): void {
    const sinceMs = this.#missingSinceMs;
    const intervalMs = this.#framesPerSecond === 0 ? 0 : 1_000 / this.#framesPerSecond;
    const withinMs = Math.max(pictureMissing.ms, pictureMissing.intervals * intervalMs);
    if (sinceMs === null || performance.now() - sinceMs < withinMs) return;
    this.#socket?.write(encodeStreamMessage(streamMessage.keyFrameWanted));
  }

  #show(bytes: Buffer, capturedMs: number): void {
    this.#missingSinceMs = null;
    this.#context.picture(bytes, capturedMs);
    this.#measure(capturedMs);
    if (this.#playing) return;
    this.#playing = true;
    if (this.#grace) clearTimeout(this.#grace);
    this.#tell();
  }

  #hear(bytes: Buffer, capturedMs: number): void {
    if (!this.#isSoundPlaced()) return;
    for (let at = 0; at < bytes.length; at += maxSoundBytes) {
      const sinceMs = at / 4 / (soundSampleRate / 1_000);
      this.#context.sound(bytes.subarray(at, at + maxSoundBytes), capturedMs + sinceMs);
    }
    if (this.#heard) return;
    this.#heard = true;
    if (this.#playing) this.#tell();
  }

  /** Sound that is placed once stays there, but for what nobody hears: it waits until the sender has told its clock. */
  #isSoundPlaced(): boolean {
    this.#heardSinceMs ??= performance.now();
    const isLate = performance.now() - this.#heardSinceMs > senderClockWithinMs;
    return (
      isLate ||
      [...this.#tracks.values()].every(
        ({ taken: { clock } }) => !(clock instanceof SoundClock) || clock.follows,
      )
    );
  }

  /** Its own rate tells how long it may be silent: what it says of it need not be true. */
  #measure(capturedMs: number): void {
    const intervalMs = this.#lastShownMs === null ? null : capturedMs - this.#lastShownMs;
    this.#lastShownMs = capturedMs;
    if (intervalMs === null || intervalMs <= 0) return;
    const rate = 1_000 / intervalMs;
    this.#framesPerSecond =
      this.#framesPerSecond === 0 ? rate : this.#framesPerSecond * 0.8 + Math.min(rate, 240) * 0.2;
    const ratio = this.#framesPerSecond / (this.#toldFramesPerSecond || 1);
    if (this.#playing && (ratio > rateChange || ratio < 1 / rateChange)) this.#tell();
  }

  #tell(): void {
    const { width, height } = this.#context.plan.video;
    this.#toldFramesPerSecond = this.#framesPerSecond || slowestFramesPerSecond;
    const video = { width, height, framesPerSecond: this.#toldFramesPerSecond };
    this.#context.state({ state: 'playing', video, sound: this.#heard, reason: null });
  }

  #missPictures(): void {
    if (!this.#playing) this.#wait(reasonOf('publisher-without-pictures', this.#kind.toUpperCase()));
  }

  #wait(reason: Problem | null): void {
    const why = reason ?? reasonOf('no-publisher', this.#kind.toUpperCase());
    this.#context.state({ state: 'waiting', video: null, sound: false, reason: why });
  }

  /** The publisher left, or another one comes. */
  #over(reason: Problem | null): void {
    if (this.#grace) clearTimeout(this.#grace);
    if (this.#missing) clearInterval(this.#missing);
    this.#missingSinceMs = null;
    for (const decoder of this.#tracks.values()) decoder.close();
    this.#tracks.clear();
    const played = this.#playing;
    this.#playing = false;
    this.#heard = false;
    this.#heardSinceMs = null;
    this.#clock = new ArrivalClock();
    this.#lostPicture = false;
    this.#lastShownMs = null;
    this.#framesPerSecond = 0;
    if (played || reason) this.#wait(reason);
  }
}
