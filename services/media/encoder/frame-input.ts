import { connect, type Socket } from 'node:net';
import { FrameFileReader, i420Bytes } from '../sources/frame-file.ts';
import { FrameReader } from '../sources/frame-protocol.ts';

interface FrameInputOptions {
  socketPath: string;
  width: number;
  height: number;
  /** A picture came: `read` gets it. The newest only, where several came at once. */
  onPicture: (capturedMs: number) => void;
  /** @param samples a view: copy what is kept */
  onSound: (samples: Buffer, capturedMs: number) => void;
}

const retryMs = 30;

/** The receiving end of one source process: connects, again and again until it is closed. */
export class FrameInput {
  readonly #options: FrameInputOptions;
  #socket: Socket | null = null;
  #file: FrameFileReader | null = null;
  #newest: number | null = null;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: FrameInputOptions) {
    this.#options = options;
  }

  start(): void {
    const socket = connect(this.#options.socketPath);
    this.#socket = socket;
    let announced: number | null = null;
    const reader = new FrameReader({
      hello: ({ framesPath, width, height }) => this.#open(framesPath, width, height),
      picture: (sequence, capturedMs) => {
        this.#newest = sequence;
        announced = capturedMs;
      },
      sound: (samples, capturedMs) => this.#options.onSound(samples, capturedMs),
    });
    socket.on('data', (chunk) => {
      try {
        reader.push(chunk);
      } catch {
        socket.destroy();
        return;
      }
      if (announced === null) return;
      const capturedMs = announced;
      announced = null;
      this.#options.onPicture(capturedMs);
    });
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#lost());
  }

  /** Reads the newest picture; false where there is none, or it was overwritten meanwhile. */
  read(into: Buffer): boolean {
    return this.#newest !== null && (this.#file?.read(this.#newest, into) ?? false);
  }

  close(): void {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#socket?.destroy();
    this.#forget();
  }

  #open(framesPath: string, width: number, height: number): void {
    this.#forget();
    if (width !== this.#options.width || height !== this.#options.height) return; // an encoder of another size
    this.#file = new FrameFileReader(framesPath, i420Bytes(width, height));
  }

  #lost(): void {
    this.#forget();
    if (this.#closed) return;
    this.#retry = setTimeout(() => this.start(), retryMs);
  }

  #forget(): void {
    this.#file?.close();
    this.#file = null;
    this.#newest = null;
  }
}
