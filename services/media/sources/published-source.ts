import { connect, type Socket } from 'node:net';
import type { Problem } from '#core/domain/problem.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { type GStreamer, type GstAppSource, type GstPipeline, loadGStreamer } from '../gstreamer.ts';
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
import { soundSampleRate, sourceElements } from './picture-text.ts';
import { inputElement, packetText, rtpTicksPerMs, trackText, transportText } from './published-text.ts';
import { ArrivalClock, PulledFrames } from './pulled-frames.ts';

const reconnectMs = 200;
const headerBytes = 4_096;
/** Chunks of sound are no longer (contract.ts). */
const maxSoundBytes = (soundSampleRate / 20) * 4;
/** A second of raw sound: no decoder delivers more at once. */
const maxSoundBufferBytes = soundSampleRate * 4 + headerBytes;
/** What the decoder has not taken: where it is slower than the sender, what comes is dropped up to the next key frame. */
const maxWaitingBytes = 8 * 1024 * 1024;
/** A publisher that has sent no picture for so long sends none. */
const pictureGraceMs = 6_000;
/** Until it is measured: one that is slow must not be taken for one that hangs. */
const slowestFramesPerSecond = 2;
/** How much another rate has to differ to be told. */
const rateChange = 1.4;
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
  readonly #tracks = new Map<'video' | 'audio' | number, Decoder>();
  #clock = new ArrivalClock();
  #socket: Socket | null = null;
  /** What was sent before this source came is decoded and not shown. */
  #catchesUp = false;
  #lostPicture = false;
  #playing = false;
  #heard = false;
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
    for (const track of tracks) {
      if (track.media === 'audio' && !plan.sound) continue;
      const time = new StreamTime(rtpTicksPerMs[track.media]);
      const heard = { pictures: track.media === 'video', sound: track.media === 'audio', time };
      this.#open(track.payloadType, packetText(track, plan.video), { ...heard, clock: new ArrivalClock() });
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
    const decoder = new Decoder(this.#gstreamer, text, {
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
    const time = decoder?.taken.time;
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
    for (let at = 0; at < bytes.length; at += maxSoundBytes) {
      const sinceMs = at / 4 / (soundSampleRate / 1_000);
      this.#context.sound(bytes.subarray(at, at + maxSoundBytes), capturedMs + sinceMs);
    }
    if (this.#heard) return;
    this.#heard = true;
    if (this.#playing) this.#tell();
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
    this.#clock = new ArrivalClock();
    this.#lostPicture = false;
    this.#lastShownMs = null;
    this.#framesPerSecond = 0;
    if (played || reason) this.#wait(reason);
  }
}

interface TakenFrames {
  pictures: boolean;
  sound: boolean;
  /** Shared by tracks whose times belong together. */
  clock: ArrivalClock;
  /** Of packets. */
  time?: StreamTime;
}

type OnFrame = (bytes: Buffer, capturedMs: number) => void;

/** One pipeline that decodes what is pushed into it. */
class Decoder {
  readonly #pipeline: GstPipeline;
  readonly #input: GstAppSource;
  readonly #frames: PulledFrames[] = [];
  readonly taken: TakenFrames;
  #showFromMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(
    gstreamer: GStreamer,
    text: string,
    options: TakenFrames & { pictureBytes: number; onPicture: OnFrame; onSound: OnFrame },
  ) {
    const { clock, pictureBytes, onPicture, onSound } = options;
    this.taken = options;
    this.#pipeline = new gstreamer.Pipeline(text);
    this.#input = this.#pipeline.findChild(inputElement) as GstAppSource;
    const take = (name: string, maxFrameBytes: number, onFrame: OnFrame) =>
      this.#frames.push(
        new PulledFrames(this.#pipeline, name, {
          clock,
          maxFrameBytes,
          onFrame: (bytes, capturedMs, timeMs) => {
            if (!this.#closed && timeMs >= this.#showFromMs - 1) onFrame(bytes, capturedMs);
          },
          onEnd: () => {},
        }),
      );
    if (options.pictures) take(sourceElements.pictures, pictureBytes + headerBytes, onPicture);
    if (options.sound) take(sourceElements.sound, maxSoundBufferBytes, onSound);
  }

  start(): void {
    this.#pipeline.play();
    for (const frames of this.#frames) frames.start();
  }

  /** What lies before is decoded, and not shown. */
  showFrom(timeMs: number): void {
    this.#showFromMs = Math.max(this.#showFromMs, timeMs);
  }

  /** @param timeMs null where the pipeline takes the time of arrival. @returns false where it was dropped */
  push(bytes: Buffer, timeMs: number | null): boolean {
    if (this.#closed) return false;
    if (Number(this.#input['current-level-bytes']) > maxWaitingBytes) return false;
    this.#input.push(bytes, timeMs === null ? noTime : timeBytes(timeMs));
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pipeline.stop();
  }
}

/** GST_CLOCK_TIME_NONE */
const noTime = Buffer.alloc(8, 0xff);

function timeBytes(timeMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(Math.round(Math.max(0, timeMs) * 1e6)));
  return bytes;
}
