/**
 * What is said on the ingest's socket, between the process that takes streams and those that use them:
 * `uint32 LE length of what follows, uint8 type, body`. Who connects says first who it is (`hello`).
 *
 * To a source, for each publisher: `begin`, then configurations and frames (RTMP), bytes (SRT) or packets (WHIP), and
 * `end` once it left. What comes within `replay` was sent before the source came: it is decoded and not shown.
 */
export const streamMessage = {
  /** JSON `StreamHello`. */
  hello: 1,
  /** JSON `StreamBegin`. */
  begin: 2,
  /** JSON `TrackConfiguration`. */
  configuration: 3,
  /** `uint8 key frame, float64 LE ms when shown, the frame`. */
  picture: 4,
  /** `float64 LE ms, the frame`. */
  sound: 5,
  /** An MPEG transport stream. */
  bytes: 6,
  /** `uint8 payload type, an RTP packet`. */
  packet: 7,
  /** `uint8`: 1 where what follows was sent before the source came, 0 where that is over. */
  replay: 8,
  /** JSON `{ reason: Problem | null }`. */
  end: 9,
  /** From a source: it needs a key frame. */
  keyFrameWanted: 10,
  /** `uint8 payload type, uint32 LE RTP time stamp, float64 LE ms on the sender's own clock then` (RFC 3550, 6.4.1). */
  senderTime: 11,
} as const;

export type PublishedKind = 'rtmp' | 'srt' | 'whip';

/** A source takes what is published as `kind`. */
export interface StreamHello {
  role: 'source';
  kind: PublishedKind;
}

export type PictureCodec = 'h264' | 'h265' | 'vp8' | 'vp9' | 'av1';
export type SoundCodec = 'aac' | 'mp3' | 'opus';

export interface StreamBegin {
  /** `frames`: with configurations; `bytes`: a transport stream; `packets`: RTP, whose tracks are named here. */
  form: 'frames' | 'bytes' | 'packets';
  tracks?: PacketTrack[];
}

/** A track that comes as RTP, in order. */
export interface PacketTrack {
  media: 'video' | 'audio';
  codec: PictureCodec | SoundCodec;
  payloadType: number;
  /** H.264's, where they are not in the stream alone: `sprop-parameter-sets` (RFC 6184, 8.1). */
  parameterSets?: string;
}

export type TrackConfiguration =
  | {
      media: 'video';
      codec: PictureCodec;
      width: number | null;
      height: number | null;
      /** What the publisher says of it; null where it says nothing. */
      framesPerSecond: number | null;
      data: string;
    }
  /** `data`: base64 of the codec's own configuration; empty where it has none. */
  | { media: 'audio'; codec: SoundCodec; channels: number; sampleRate: number; data: string };

const headBytes = 5;
/** A key frame of 25 Mbit/s video is no longer. */
export const maxStreamMessageBytes = 8 * 1024 * 1024;

export function encodeStreamMessage(type: number, ...parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.allocUnsafe(headBytes);
  head.writeUInt32LE(1 + length, 0);
  head[4] = type;
  return Buffer.concat([head, ...parts], headBytes + length);
}

export function encodeStreamJson(type: number, value: unknown): Buffer {
  return encodeStreamMessage(type, Buffer.from(JSON.stringify(value)));
}

export function encodePicture(isKeyFrame: boolean, ptsMs: number, frame: Buffer): Buffer {
  const head = Buffer.allocUnsafe(9);
  head[0] = isKeyFrame ? 1 : 0;
  head.writeDoubleLE(ptsMs, 1);
  return encodeStreamMessage(streamMessage.picture, head, frame);
}

export function encodeSound(ptsMs: number, frame: Buffer): Buffer {
  const head = Buffer.allocUnsafe(8);
  head.writeDoubleLE(ptsMs, 0);
  return encodeStreamMessage(streamMessage.sound, head, frame);
}

export function encodeSenderTime(payloadType: number, timestamp: number, senderMs: number): Buffer {
  const body = Buffer.allocUnsafe(13);
  body.writeUInt8(payloadType, 0);
  body.writeUInt32LE(timestamp, 1);
  body.writeDoubleLE(senderMs, 5);
  return encodeStreamMessage(streamMessage.senderTime, body);
}

/** Cuts the byte stream of the ingest's socket into messages. */
export class StreamReader {
  readonly #onMessage: (type: number, body: Buffer) => void;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(onMessage: (type: number, body: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  /** @throws RangeError on what nobody of ours says */
  push(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= headBytes) {
      const length = this.#peekLength();
      if (length < 1 || length > maxStreamMessageBytes) throw new RangeError(`a message of ${length} bytes`);
      if (this.#bytes < 4 + length) return;
      const all = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts);
      const rest = all.subarray(4 + length);
      this.#parts = rest.length > 0 ? [rest] : [];
      this.#bytes = rest.length;
      this.#onMessage(all.readUInt8(4), all.subarray(headBytes, 4 + length));
    }
  }

  #peekLength(): number {
    if ((this.#parts[0]?.length ?? 0) < 4) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0]?.readUInt32LE(0) ?? 0;
  }
}
