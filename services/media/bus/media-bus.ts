import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { type BusAudio, type BusStream, type BusVideo, encodeBusMessage } from '#core/protocol/media-bus.ts';
import { listen } from '#core/runtime/listen.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { Subscriber } from './subscriber.ts';

/** Outputs, recording, RTSP, snapshot: far more than one box has. */
const maxSubscribers = 64;

interface MediaBusOptions {
  socketPath: string;
  onKeyFrameWanted: () => void;
  logger: Logger;
}

/** Hands encoded frames to any number of subscribers (core/protocol/media-bus.ts). */
export class MediaBus {
  readonly #options: MediaBusOptions;
  readonly #subscribers = new Set<Subscriber>();
  #stream: Uint8Array | null = null;
  #server: Server | null = null;

  constructor(options: MediaBusOptions) {
    this.#options = options;
  }

  /** @throws Error where the socket can't be made */
  async start(): Promise<void> {
    const { socketPath } = this.#options;
    await rm(socketPath, { force: true });
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await listen(server, { path: socketPath });
    await chmod(socketPath, 0o660);
  }

  /** What is encoded from now on; subscribers hear of it where that is something else. */
  describe(stream: BusStream): void {
    const encoded = encodeBusMessage({ kind: 'stream', stream });
    if (this.#stream !== null && Buffer.compare(this.#stream, encoded) === 0) return;
    this.#stream = encoded;
    for (const subscriber of this.#subscribers) subscriber.control(this.#stream);
  }

  video(video: BusVideo): void {
    if (this.#subscribers.size === 0) return;
    const encoded = encodeBusMessage({ kind: 'video', video });
    for (const subscriber of this.#subscribers) subscriber.video({ ...video, encoded });
  }

  audio(audio: BusAudio): void {
    if (this.#subscribers.size === 0) return;
    const encoded = encodeBusMessage({ kind: 'audio', audio });
    for (const subscriber of this.#subscribers) subscriber.audio({ ...audio, encoded });
  }

  /** Nothing is encoded any more. */
  off(): void {
    if (this.#stream === null) return;
    this.#stream = null;
    const encoded = encodeBusMessage({ kind: 'off' });
    for (const subscriber of this.#subscribers) subscriber.control(encoded);
  }

  close(): void {
    this.#server?.close();
    this.#server = null;
    for (const subscriber of this.#subscribers) subscriber.close();
    this.#subscribers.clear();
  }

  #accept(socket: Socket): void {
    const { logger, onKeyFrameWanted } = this.#options;
    if (this.#subscribers.size >= maxSubscribers) {
      logger.warn('the media bus has too many subscribers');
      socket.destroy();
      return;
    }
    const subscriber = new Subscriber({
      socket,
      onSubscribed: (keyFrame) => {
        logger.info({ subscriber: subscriber.name }, 'subscribed to the media bus');
        subscriber.control(this.#stream ?? encodeBusMessage({ kind: 'off' }));
        if (keyFrame && this.#stream !== null) onKeyFrameWanted();
      },
      onKeyFrameWanted: () => {
        if (this.#stream !== null) onKeyFrameWanted();
      },
      onLost: (pictures, soundFrames) =>
        logger.warn({ subscriber: subscriber.name, pictures, soundFrames }, 'a subscriber was too slow'),
      onClosed: (problem) => {
        this.#subscribers.delete(subscriber);
        logger.info({ subscriber: subscriber.name, problem }, 'unsubscribed from the media bus');
      },
    });
    this.#subscribers.add(subscriber);
    subscriber.start();
  }
}
