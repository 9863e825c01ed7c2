import { createServer, type Server, type Socket } from 'node:net';
import { listen } from '#core/runtime/listen.ts';
import type { SourcePlan } from './contract.ts';
import { FrameFileWriter, i420Bytes } from './frame-file.ts';
import { encodeHello, encodePicture, encodeSound } from './frame-protocol.ts';

/** Who leaves this much unread does not read: it hangs, and loses what comes until it has read on. */
const maxUnreadBytes = 256 * 1024;

/** Hands a source's frames over to whichever encoders are connected. Never blocks, never fails for want of one. */
export class FrameOutput {
  readonly #plan: Pick<SourcePlan, 'socketPath' | 'framesPath' | 'video'>;
  readonly #server: Server;
  readonly #readers = new Set<Socket>();
  readonly #still: boolean;
  #file: FrameFileWriter | null = null;
  /** What tells of the picture that holds until the next one. */
  #last: Buffer | null = null;

  /** @param options.still each picture holds until the next one: encoders that come later are told of it */
  constructor(plan: Pick<SourcePlan, 'socketPath' | 'framesPath' | 'video'>, { still = false } = {}) {
    this.#plan = plan;
    this.#still = still;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  /** Makes the file and listens. */
  async start(): Promise<void> {
    const { socketPath, framesPath, video } = this.#plan;
    this.#file = new FrameFileWriter(framesPath, i420Bytes(video.width, video.height));
    await listen(this.#server, { path: socketPath });
  }

  picture(bytes: Buffer, capturedMs: number): void {
    if (!this.#file) return;
    const message = encodePicture(this.#file.write(bytes), capturedMs);
    if (this.#still) this.#last = message;
    this.#send(message);
  }

  sound(bytes: Buffer, capturedMs: number): void {
    if (this.#readers.size > 0) this.#send(encodeSound(bytes, capturedMs));
  }

  close(): void {
    for (const socket of this.#readers) socket.destroy();
    this.#server.close();
    this.#file?.close();
    this.#file = null;
  }

  #welcome(socket: Socket): void {
    const { framesPath, video } = this.#plan;
    this.#readers.add(socket);
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#readers.delete(socket));
    socket.resume();
    socket.write(encodeHello({ version: 1, framesPath, width: video.width, height: video.height }));
    if (this.#last) socket.write(this.#last);
  }

  #send(message: Buffer): void {
    for (const socket of this.#readers) {
      if (socket.writableLength < maxUnreadBytes) socket.write(message);
    }
  }
}
