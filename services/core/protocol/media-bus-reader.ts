import {
  type BusCodec,
  BusError,
  type BusMessage,
  type BusRequest,
  type BusSoundTrack,
  type BusStream,
  busCodecNumbers,
  busFlags,
  busHeaderBytes,
  busKinds,
  busWantBits,
  maxBusMessageBytes,
  maxBusNameBytes,
} from './media-bus.ts';

/** Reads one message after another from what comes; a decoded frame is a view of the bytes, not a copy. */
export class BusReader<Decoded> {
  readonly #decode: (kind: number, body: Uint8Array) => Decoded;
  readonly #maxBytes: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  private constructor(decode: (kind: number, body: Uint8Array) => Decoded, maxBytes: number) {
    this.#decode = decode;
    this.#maxBytes = maxBytes;
  }

  /** For a subscriber. */
  static ofMessages(): BusReader<BusMessage> {
    return new BusReader(decodeMessage, maxBusMessageBytes);
  }

  /** For media. */
  static ofRequests(): BusReader<BusRequest> {
    return new BusReader(decodeRequest, 1 + 2 + maxBusNameBytes);
  }

  /** @returns the messages that are complete now. @throws BusError; the reader is of no use afterwards */
  push(chunk: Uint8Array): Decoded[] {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    const decoded: Decoded[] = [];
    for (;;) {
      const length = this.#nextLength();
      if (length === null || this.#pendingBytes < 4 + length) return decoded;
      const body = this.#take(4 + length);
      try {
        decoded.push(this.#decode(body[4] ?? 0, body.subarray(5)));
      } catch (error) {
        if (error instanceof RangeError) throw new BusError('a message of the media bus is cut short');
        throw error;
      }
    }
  }

  #nextLength(): number | null {
    if (this.#pendingBytes < 4) return null;
    const [first] = this.#pending;
    if (first && first.length < 4) this.#join();
    const head = this.#pending[0] ?? new Uint8Array(4);
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (length < 1 || length > this.#maxBytes)
      throw new BusError(`a message of ${length} bytes can't be on the media bus`);
    return length;
  }

  #join(): Uint8Array {
    const [first] = this.#pending;
    if (this.#pending.length === 1 && first) return first;
    const whole = new Uint8Array(this.#pendingBytes);
    let at = 0;
    for (const chunk of this.#pending) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    this.#pending = [whole];
    return whole;
  }

  #take(length: number): Uint8Array {
    const [first] = this.#pending;
    const whole = first && first.length >= length ? first : this.#join();
    if (whole.length > length) this.#pending[0] = whole.subarray(length);
    else this.#pending.shift();
    this.#pendingBytes -= length;
    return whole.subarray(0, length);
  }
}

const viewOf = (body: Uint8Array): DataView => new DataView(body.buffer, body.byteOffset, body.length);

/** RFC 8259 numbers hold 2^53: 3,000 years of ticks. */
const ticksAt = (view: DataView, at: number): number => Number(view.getBigUint64(at));

function codecOf(number: number): BusCodec {
  if (number === busCodecNumbers.aac) return 'aac';
  if (number === busCodecNumbers.opus) return 'opus';
  throw new BusError(`the media bus knows no codec ${number}`);
}

function decodeMessage(kind: number, body: Uint8Array): BusMessage {
  const view = viewOf(body);
  switch (kind) {
    case busKinds.stream:
      return { kind: 'stream', stream: decodeStream(view, body) };
    case busKinds.video: {
      const flags = view.getUint8(0);
      return {
        kind: 'video',
        video: {
          key: (flags & busFlags.key) !== 0,
          slate: (flags & busFlags.slate) !== 0,
          pts: ticksAt(view, 1),
          dts: ticksAt(view, 9),
          bytes: body.subarray(busHeaderBytes.video),
        },
      };
    }
    case busKinds.audio:
      return {
        kind: 'audio',
        audio: {
          codec: codecOf(view.getUint8(0)),
          slate: (view.getUint8(1) & busFlags.slate) !== 0,
          pts: ticksAt(view, 2),
          duration: view.getUint32(10),
          bytes: body.subarray(busHeaderBytes.audio),
        },
      };
    case busKinds.off:
      return { kind: 'off' };
    case busKinds.lost:
      return { kind: 'lost', pictures: view.getUint32(0), soundFrames: view.getUint32(4) };
    default:
      throw new BusError(`the media bus knows no message ${kind}`);
  }
}

function decodeStream(view: DataView, body: Uint8Array): BusStream {
  const configurationEnd = 14 + view.getUint16(12);
  const sound: BusSoundTrack[] = [];
  let at = configurationEnd + 1;
  for (let left = view.getUint8(configurationEnd); left > 0; left -= 1) {
    const end = at + 8 + view.getUint16(at + 6);
    if (end > body.length) throw new BusError('a message of the media bus is cut short');
    sound.push({
      codec: codecOf(view.getUint8(at)),
      sampleRate: view.getUint32(at + 1),
      channels: view.getUint8(at + 5),
      configuration: body.slice(at + 8, end),
    });
    at = end;
  }
  return {
    width: view.getUint16(0),
    height: view.getUint16(2),
    framesPerSecond: view.getUint32(4) / 1000,
    bitrateKbps: view.getUint32(8),
    avcConfiguration: body.slice(14, configurationEnd),
    sound,
  };
}

function decodeRequest(kind: number, body: Uint8Array): BusRequest {
  if (kind === busKinds.keyFrame) return { kind: 'key-frame' };
  if (kind !== busKinds.subscribe) throw new BusError(`the media bus knows no request ${kind}`);
  const view = viewOf(body);
  const bits = view.getUint8(0);
  const sound = (['aac', 'opus'] as const).filter((codec) => (bits & busWantBits[codec]) !== 0);
  return {
    kind: 'subscribe',
    name: new TextDecoder().decode(body.subarray(2)),
    wants: { video: (bits & busWantBits.video) !== 0, sound },
    keyFrame: view.getUint8(1) === 1,
  };
}
