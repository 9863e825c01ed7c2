import { connect, type Socket } from 'node:net';
import { EventHub } from '../domain/event-hub.ts';
import {
  type BusAudio,
  type BusMessage,
  type BusStream,
  type BusVideo,
  type BusWants,
  encodeBusRequest,
} from '../protocol/media-bus.ts';
import { BusReader } from '../protocol/media-bus-reader.ts';
import { BackOff } from './back-off.ts';

type MediaBusEvents = {
  /** What is encoded from now on; the next picture is a key frame. */
  stream: BusStream;
  video: BusVideo;
  audio: BusAudio;
  /** Nothing is encoded, or media is away: a `stream` follows when that changes. */
  off: undefined;
  /** So much was lost since this subscriber was too slow; the next picture is a key frame. */
  lost: { pictures: number; soundFrames: number };
};

/**
 * A subscriber of the media bus (core/protocol/media-bus.ts): connects, subscribes, and connects again
 * (0.1 s doubling to 1 s) until it is closed. Bytes of frames are views that stay valid.
 */
export class MediaBusClient {
  readonly events = new EventHub<MediaBusEvents>();
  readonly #options: { socketPath: string; name: string; wants: BusWants; keyFrame: boolean };
  readonly #backOff = new BackOff({ firstMs: 100, maxMs: 1_000 });
  #socket: Socket | null = null;
  #retry: NodeJS.Timeout | null = null;
  #on = false;
  #closed = false;

  /**
   * @param options.name for media's log
   * @param options.keyFrame asks for a key frame at each subscription, for who can't wait for the next
   */
  constructor(options: { socketPath: string; name: string; wants: BusWants; keyFrame?: boolean }) {
    this.#options = { keyFrame: false, ...options };
  }

  start(): void {
    if (!this.#closed && this.#socket === null && this.#retry === null) this.#connect();
  }

  requestKeyFrame(): void {
    this.#socket?.write(encodeBusRequest({ kind: 'key-frame' }));
  }

  /** Stops reading, such as while a disk is slow: what media can't keep for this subscriber is lost, and told. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  close(): void {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#socket?.destroy();
    this.#socket = null;
    this.events.close();
  }

  #connect(): void {
    const { socketPath, name, wants, keyFrame } = this.#options;
    const reader = BusReader.ofMessages();
    const socket = connect(socketPath);
    this.#retry = null;
    this.#socket = socket;
    socket.on('connect', () => {
      this.#backOff.reset();
      socket.write(encodeBusRequest({ kind: 'subscribe', name, wants, keyFrame }));
    });
    socket.on('data', (chunk) => {
      let messages: BusMessage[];
      try {
        messages = reader.push(chunk);
      } catch {
        socket.destroy(); // not media, or another version of it: 'close' tries again
        return;
      }
      for (const message of messages) if (this.#socket === socket) this.#deliver(message);
    });
    socket.on('error', () => {}); // 'close' follows and tries again
    socket.on('close', () => this.#lost(socket));
  }

  #deliver(message: BusMessage): void {
    switch (message.kind) {
      case 'stream':
        this.#on = true;
        this.events.emit('stream', message.stream);
        break;
      case 'video':
        this.events.emit('video', message.video);
        break;
      case 'audio':
        this.events.emit('audio', message.audio);
        break;
      case 'off':
        this.#turnOff();
        break;
      case 'lost':
        this.events.emit('lost', message);
        break;
    }
  }

  #turnOff(): void {
    if (!this.#on) return;
    this.#on = false;
    this.events.emit('off');
  }

  #lost(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#turnOff();
    if (this.#closed) return;
    this.#retry = setTimeout(() => this.#connect(), this.#backOff.next());
  }
}
