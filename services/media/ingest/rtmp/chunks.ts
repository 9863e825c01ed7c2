/** One message of RTMP 1.0 (5.4): a command, or a piece of picture or sound. */
export interface RtmpMessage {
  type: number;
  streamId: number;
  /** Milliseconds, counted modulo 2^32. */
  timestamp: number;
  body: Buffer;
}

export const messageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
} as const;

interface ChunkStream {
  timestamp: number;
  /** The time that the last head with one said: absolute in one of format 0, else a difference. */
  field: number;
  length: number;
  type: number;
  streamId: number;
  extended: boolean;
  parts: Buffer[];
  received: number;
}

const extendedMark = 0xff_ffff;
const initialChunkBytes = 128;
const maxChunkBytes = 16 * 1024 * 1024;
/** Publishers use about five. */
const maxChunkStreams = 16;
const messageHeadBytes = [11, 7, 3, 0] as const;

/**
 * Puts messages together from the chunks of a byte stream (RTMP 1.0, 5.3), whose parts may come in any size. What it
 * keeps is bounded by `maxMessageBytes` for all unfinished messages together.
 */
export class ChunkReader {
  /** Raised once the publisher has shown its key. */
  maxMessageBytes: number;
  readonly #onMessage: (message: RtmpMessage) => void;
  readonly #streams = new Map<number, ChunkStream>();
  #chunkBytes = initialChunkBytes;
  #rest: Buffer = Buffer.alloc(0);
  #kept = 0;

  constructor(options: { maxMessageBytes: number; onMessage: (message: RtmpMessage) => void }) {
    this.maxMessageBytes = options.maxMessageBytes;
    this.#onMessage = options.onMessage;
  }

  /** @throws RangeError on what no publisher sends */
  push(bytes: Buffer): void {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (let used = this.#chunk(rest); used > 0; used = this.#chunk(rest)) rest = rest.subarray(used);
    // At most one chunk: what it may be long is bounded by the message that it belongs to.
    this.#rest = Buffer.from(rest);
  }

  /** @returns how many bytes the first chunk has; 0 where it is not there as a whole */
  #chunk(bytes: Buffer): number {
    const head = basicHead(bytes);
    if (head === null) return 0;
    let at = head.bytes;
    const former = this.#streams.get(head.id);
    if (head.format !== 0 && !former) throw new RangeError(`chunk stream ${head.id} begins in mid-message`);
    const headBytes = messageHeadBytes[head.format] ?? 0;
    if (bytes.length < at + headBytes) return 0;
    const stream = former ?? emptyStream();
    const begins = stream.parts.length === 0 && stream.received === 0;
    let { length, type, streamId, extended } = stream;
    let time = 0;
    if (headBytes >= 3) {
      time = bytes.readUIntBE(at, 3);
      extended = time === extendedMark;
    }
    if (headBytes >= 7) {
      length = bytes.readUIntBE(at + 3, 3);
      type = bytes.readUInt8(at + 6);
    }
    if (headBytes >= 11) streamId = bytes.readUInt32LE(at + 7);
    at += headBytes;
    if (extended) {
      if (bytes.length < at + 4) return 0;
      const value = bytes.readUInt32BE(at);
      if (headBytes >= 3) {
        time = value;
        at += 4;
      } else if (value === stream.field) at += 4; // some leave it out
    }
    if (length > this.maxMessageBytes) throw new RangeError(`a message of ${length} bytes`);
    const starts = headBytes >= 7 || begins;
    if (!starts && headBytes > 0) throw new RangeError('a message is broken off');
    const received = starts ? 0 : stream.received;
    const bodyBytes = Math.min(this.#chunkBytes, length - received);
    if (bytes.length < at + bodyBytes) return 0;

    if (!former) {
      if (this.#streams.size >= maxChunkStreams) throw new RangeError('too many chunk streams');
      this.#streams.set(head.id, stream);
    }
    if (starts) {
      this.#drop(stream);
      stream.length = length;
      stream.type = type;
      stream.streamId = streamId;
      stream.extended = extended;
      if (headBytes >= 3) stream.field = time;
      stream.timestamp = head.format === 0 ? time : (stream.timestamp + stream.field) >>> 0;
    }
    stream.parts.push(Buffer.from(bytes.subarray(at, at + bodyBytes)));
    stream.received += bodyBytes;
    this.#kept += bodyBytes;
    if (this.#kept > this.maxMessageBytes * 2) throw new RangeError('too much in unfinished messages');
    if (stream.received >= stream.length) this.#finish(stream);
    return at + bodyBytes;
  }

  #finish(stream: ChunkStream): void {
    const { type, streamId, timestamp, parts } = stream;
    const body = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    this.#drop(stream);
    if (type === messageType.setChunkSize && body.length >= 4) {
      const size = body.readUInt32BE(0) & 0x7fff_ffff;
      if (size < 1 || size > maxChunkBytes) throw new RangeError(`chunks of ${size} bytes`);
      this.#chunkBytes = size;
    } else if (type === messageType.abort && body.length >= 4) {
      const aborted = this.#streams.get(body.readUInt32BE(0));
      if (aborted) this.#drop(aborted);
    } else this.#onMessage({ type, streamId, timestamp, body });
  }

  #drop(stream: ChunkStream): void {
    this.#kept -= stream.received;
    stream.parts = [];
    stream.received = 0;
  }
}

function emptyStream(): ChunkStream {
  return {
    timestamp: 0,
    field: 0,
    length: 0,
    type: 0,
    streamId: 0,
    extended: false,
    parts: [],
    received: 0,
  };
}

function basicHead(bytes: Buffer): { format: number; id: number; bytes: number } | null {
  const [first, second, third] = bytes;
  if (first === undefined) return null;
  const format = first >> 6;
  const id = first & 0x3f;
  if (id > 1) return { format, id, bytes: 1 };
  if (second === undefined) return null;
  if (id === 0) return { format, id: 64 + second, bytes: 2 };
  return third === undefined ? null : { format, id: 64 + second + third * 256, bytes: 3 };
}

/** Cuts one message into chunks. */
export function encodeChunks(
  chunkStreamId: number,
  { type, streamId, timestamp, body }: RtmpMessage,
  chunkBytes: number,
): Buffer {
  const head = Buffer.alloc(12);
  head[0] = chunkStreamId;
  head.writeUIntBE(timestamp & 0xff_ffff, 1, 3);
  head.writeUIntBE(body.length, 4, 3);
  head[7] = type;
  head.writeUInt32LE(streamId, 8);
  const parts: Buffer[] = [head];
  for (let at = 0; at < body.length; at += chunkBytes) {
    if (at > 0) parts.push(Buffer.from([0xc0 | chunkStreamId]));
    parts.push(body.subarray(at, at + chunkBytes));
  }
  return Buffer.concat(parts);
}
