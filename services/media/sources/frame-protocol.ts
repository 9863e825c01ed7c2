/**
 * What a source process says on its frame socket: `uint32 LE length of what follows, uint8 type, body`.
 * Type 1 (once, first): JSON `FrameHello`. Type 2: a picture lies in the frame file: float64 LE CLOCK_MONOTONIC ms,
 * uint32 LE sequence number. Type 3: sound: float64 LE CLOCK_MONOTONIC ms of the first sample, then the samples.
 */
export interface FrameHello {
  version: 1;
  framesPath: string;
  width: number;
  height: number;
}

export const messageType = { hello: 1, picture: 2, sound: 3 } as const;
const lengthBytes = 4;
/** A second of sound is 192,000 bytes. */
const maxMessageBytes = 256 * 1024;

export interface FrameHandler {
  hello(hello: FrameHello): void;
  picture(sequence: number, capturedMs: number): void;
  /** @param bytes a view: copy what is kept */
  sound(bytes: Buffer, capturedMs: number): void;
}

function message(type: number, bodyBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(lengthBytes + 1 + bodyBytes);
  bytes.writeUInt32LE(1 + bodyBytes, 0);
  bytes[lengthBytes] = type;
  return bytes;
}

export function encodeHello(hello: FrameHello): Buffer {
  const body = Buffer.from(JSON.stringify(hello));
  const bytes = message(messageType.hello, body.length);
  body.copy(bytes, lengthBytes + 1);
  return bytes;
}

export function encodePicture(sequence: number, capturedMs: number): Buffer {
  const bytes = message(messageType.picture, 12);
  bytes.writeDoubleLE(capturedMs, 5);
  bytes.writeUInt32LE(sequence, 13);
  return bytes;
}

export function encodeSound(samples: Buffer, capturedMs: number): Buffer {
  const bytes = message(messageType.sound, 8 + samples.length);
  bytes.writeDoubleLE(capturedMs, 5);
  samples.copy(bytes, 13);
  return bytes;
}

/** Cuts the byte stream of a frame socket into messages. */
export class FrameReader {
  readonly #handler: FrameHandler;
  #rest: Buffer = Buffer.alloc(0);

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** @throws RangeError, SyntaxError on what no source process of ours says */
  push(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= lengthBytes) {
      const length = bytes.readUInt32LE(0);
      if (length < 1 || length > maxMessageBytes) throw new RangeError(`frame message of ${length} bytes`);
      if (bytes.length < lengthBytes + length) break;
      this.#dispatch(bytes.subarray(lengthBytes, lengthBytes + length));
      bytes = bytes.subarray(lengthBytes + length);
    }
    this.#rest = Buffer.from(bytes);
  }

  #dispatch(body: Buffer): void {
    switch (body[0]) {
      case messageType.hello:
        this.#handler.hello(JSON.parse(body.toString('utf8', 1)));
        break;
      case messageType.picture:
        this.#handler.picture(body.readUInt32LE(9), body.readDoubleLE(1));
        break;
      case messageType.sound:
        this.#handler.sound(body.subarray(9), body.readDoubleLE(1));
        break;
      default:
        throw new RangeError(`frame message of type ${body[0]}`);
    }
  }
}
