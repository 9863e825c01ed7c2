import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

/**
 * Pictures of one source in a file in memory, shared between the process that writes and those that read: a ring of
 * slots, each a head of 16 bytes (sequence number as uint32 LE, the rest unused) and one picture. A slot's head is
 * unsettled while it is written, so that a reader that was too slow sees it and takes the next picture instead of a
 * torn one. Reads and writes are plain system calls: one copy each, and no native code of ours.
 */
const headBytes = 16;
const unsettled = 0xffff_ffff;
/** A reader has this many pictures' time: 100 ms at 30 fps. */
export const slotCount = 4;

function slotOffset(sequence: number, pictureBytes: number): number {
  return (sequence % slotCount) * (headBytes + pictureBytes);
}

/** The writing end; makes the file. */
export class FrameFileWriter {
  readonly #descriptor: number;
  readonly #pictureBytes: number;
  readonly #head = Buffer.alloc(4);
  #sequence = 0;

  /** @param path must not exist */
  constructor(path: string, pictureBytes: number) {
    this.#descriptor = openSync(path, 'wx+', 0o600);
    this.#pictureBytes = pictureBytes;
    ftruncateSync(this.#descriptor, slotCount * (headBytes + pictureBytes));
  }

  /** @returns its sequence number @throws RangeError where the size is not the one agreed upon */
  write(bytes: Buffer): number {
    if (bytes.length !== this.#pictureBytes) {
      throw new RangeError(`a picture of ${bytes.length} bytes, not ${this.#pictureBytes}`);
    }
    const sequence = this.#sequence;
    const offset = slotOffset(sequence, this.#pictureBytes);
    this.#writeHead(unsettled, offset);
    writeSync(this.#descriptor, bytes, 0, bytes.length, offset + headBytes);
    this.#writeHead(sequence, offset);
    this.#sequence = (sequence + 1) % (slotCount * 0x1000_0000);
    return sequence;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #writeHead(sequence: number, offset: number): void {
    this.#head.writeUInt32LE(sequence);
    writeSync(this.#descriptor, this.#head, 0, 4, offset);
  }
}

/** The reading end. */
export class FrameFileReader {
  readonly #descriptor: number;
  readonly #pictureBytes: number;
  readonly #head = Buffer.alloc(4);

  constructor(path: string, pictureBytes: number) {
    this.#descriptor = openSync(path, 'r');
    this.#pictureBytes = pictureBytes;
  }

  /** Reads one picture; false where it has been overwritten meanwhile. */
  read(sequence: number, into: Buffer): boolean {
    const offset = slotOffset(sequence, this.#pictureBytes);
    if (this.#sequenceAt(offset) !== sequence) return false;
    const got = readSync(this.#descriptor, into, 0, this.#pictureBytes, offset + headBytes);
    return got === this.#pictureBytes && this.#sequenceAt(offset) === sequence;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #sequenceAt(offset: number): number {
    readSync(this.#descriptor, this.#head, 0, 4, offset);
    return this.#head.readUInt32LE();
  }
}

/** Bytes of one I420 picture with rows padded to 4 bytes; width and height are even. */
export function i420Bytes(width: number, height: number): number {
  const stride = (width + 3) & ~3;
  const chromaStride = (width / 2 + 3) & ~3;
  return stride * height + chromaStride * height;
}
