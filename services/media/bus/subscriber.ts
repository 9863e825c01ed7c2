import type { Socket } from 'node:net';
import {
  type BusAudio,
  BusError,
  type BusRequest,
  type BusVideo,
  type BusWants,
  busTimescale,
  encodeBusMessage,
} from '#core/protocol/media-bus.ts';
import { BusReader } from '#core/protocol/media-bus-reader.ts';

/** A message that was encoded once for all subscribers. */
export interface SharedVideo extends Pick<BusVideo, 'key' | 'dts'> {
  encoded: Uint8Array;
}
export interface SharedAudio extends Pick<BusAudio, 'codec' | 'pts'> {
  encoded: Uint8Array;
}

interface Lost {
  pictures: number;
  soundFrames: number;
}

interface Waiting {
  type: 'video' | 'audio' | 'control' | 'lost';
  time: number;
  encoded: Uint8Array;
  lost?: Lost;
}

/** How far behind a subscriber may be before it loses what it has not taken. */
const maxBehindTicks = 2 * busTimescale;
const maxWaitingBytes = 8 * 1024 * 1024;

interface SubscriberOptions {
  socket: Socket;
  /** It has said what it wants. */
  onSubscribed: (keyFrame: boolean) => void;
  onKeyFrameWanted: () => void;
  /** It lost this because it was too slow; told once, when it goes on. */
  onLost: (pictures: number, soundFrames: number) => void;
  onClosed: (problem: string | null) => void;
}

/** One subscriber: a bounded queue of its own, so that it stalls nobody, and loses up to the next key frame. */
export class Subscriber {
  readonly #options: SubscriberOptions;
  readonly #reader = BusReader.ofRequests();
  #wants: BusWants | null = null;
  #name = '';
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #writable = true;
  /** Where its first picture was; null while it waits for a key frame. */
  #beganAt: number | null = null;
  #lost: Lost = { pictures: 0, soundFrames: 0 };
  #closed = false;

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#name;
  }

  get subscribed(): boolean {
    return this.#wants !== null;
  }

  start(): void {
    const { socket } = this.#options;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('drain', () => {
      this.#writable = true;
      this.#flush();
    });
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#end(null));
  }

  /** A `stream` or `off`: what follows begins with a key frame. */
  control(encoded: Uint8Array): void {
    if (!this.subscribed) return;
    this.#beganAt = null;
    this.#add({ type: 'control', time: 0, encoded });
  }

  video({ key, dts, encoded }: SharedVideo): void {
    if (!this.#wants?.video) return;
    if (this.#beganAt === null && !key) {
      if (this.#isLosing) this.#lost.pictures += 1;
      return;
    }
    if (this.#beganAt === null) this.#begin(dts);
    this.#add({ type: 'video', time: dts, encoded });
  }

  audio({ codec, pts, encoded }: SharedAudio): void {
    if (!this.#wants?.sound.includes(codec)) return;
    if (this.#wants.video && (this.#beganAt === null || pts < this.#beganAt)) {
      if (this.#isLosing) this.#lost.soundFrames += 1;
      return;
    }
    this.#add({ type: 'audio', time: pts, encoded });
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#options.socket.destroy();
  }

  get #isLosing(): boolean {
    return this.#lost.pictures + this.#lost.soundFrames > 0;
  }

  #begin(dts: number): void {
    this.#beganAt = dts;
    if (!this.#isLosing) return;
    const lost = this.#lost;
    this.#lost = { pictures: 0, soundFrames: 0 };
    this.#options.onLost(lost.pictures, lost.soundFrames);
    this.#add({ type: 'lost', time: dts, encoded: encodeBusMessage({ kind: 'lost', ...lost }), lost });
  }

  #add(waiting: Waiting): void {
    this.#queue.push(waiting);
    this.#queuedBytes += waiting.encoded.length;
    this.#flush();
    if (this.#isTooFarBehind(waiting)) this.#lose();
  }

  #isTooFarBehind({ type, time }: Waiting): boolean {
    if (this.#queuedBytes > maxWaitingBytes) return true;
    const first = this.#queue.find((each) => each.type !== 'control');
    return type !== 'control' && first !== undefined && time - first.time > maxBehindTicks;
  }

  /** Media that waits is dropped; where the stream changed meanwhile, that is kept. */
  #lose(): void {
    for (const { type, lost } of this.#queue) {
      this.#lost.pictures += type === 'video' ? 1 : (lost?.pictures ?? 0);
      this.#lost.soundFrames += type === 'audio' ? 1 : (lost?.soundFrames ?? 0);
    }
    this.#queue = this.#queue.filter(({ type }) => type === 'control');
    this.#queuedBytes = this.#queue.reduce((sum, { encoded }) => sum + encoded.length, 0);
    this.#beganAt = null;
  }

  #flush(): void {
    while (this.#writable && !this.#closed) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#queuedBytes -= next.encoded.length;
      this.#writable = this.#options.socket.write(next.encoded);
    }
  }

  #read(chunk: Buffer): void {
    let requests: BusRequest[];
    try {
      requests = this.#reader.push(chunk);
    } catch (error) {
      this.#end(error instanceof BusError ? error.message : String(error));
      return;
    }
    for (const request of requests) {
      if (request.kind === 'key-frame') {
        if (this.subscribed) this.#options.onKeyFrameWanted();
      } else if (!this.subscribed) {
        this.#wants = request.wants;
        this.#name = request.name;
        this.#options.onSubscribed(request.keyFrame);
      }
    }
  }

  #end(problem: string | null): void {
    if (this.#closed) return;
    this.close();
    this.#options.onClosed(problem);
  }
}
