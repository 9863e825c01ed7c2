/**
 * Reads the GStreamer Data Protocol 1.0 (gst-plugins-bad, gst/gdp/dataprotocol.c): how the pipeline hands
 * over each encoded frame, with its time and its caps, the moment it is encoded. A packet is a header of
 * 62 bytes, big endian, and a payload: type at 4 (uint16), payload length at 6 (uint32), for buffers PTS
 * at 10 (uint64, ns) and flags at 42 (uint16); caps and events are their text with a closing NUL.
 */
export interface EncodedSample {
  /** Running time in nanoseconds: the same time base for every stream of one pipeline. */
  timeNs: number;
  /** False where the sample depends on others (GST_BUFFER_FLAG_DELTA_UNIT). */
  sync: boolean;
  bytes: Buffer;
}

export interface GdpHandler {
  caps(text: string): void;
  sample(sample: EncodedSample): void;
}

/** Bytes that are not GDP, or more of them than any real frame has. */
export class GdpError extends Error {}

const headerBytes = 62;
const typeBuffer = 1;
const typeCaps = 2;
const typeEvent = 64;
const flagDeltaUnit = 0x2000;
const noTime = 0xffff_ffff_ffff_ffffn;
/** Caps and events are a few hundred bytes. */
const maxTextBytes = 64 * 1024;

export class GdpReader {
  readonly #handler: GdpHandler;
  readonly #maxSampleBytes: number;
  #chunks: Buffer[] = [];
  #available = 0;
  #header: Buffer | null = null;
  /** Start of the segment minus what ran before it: PTS − this is running time. */
  #segmentOffsetNs = 0n;

  constructor(handler: GdpHandler, { maxSampleBytes = 4 * 1024 * 1024 } = {}) {
    this.#handler = handler;
    this.#maxSampleBytes = maxSampleBytes;
  }

  /**
   * Takes the bytes as they come; calls the handler for each packet that is complete.
   * @throws GdpError where the stream is not GDP; the reader is of no use afterwards
   */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    for (;;) {
      if (this.#header === null) {
        if (this.#available < headerBytes) return;
        this.#header = this.#take(headerBytes);
        this.#check(this.#header);
      }
      const length = this.#header.readUInt32BE(6);
      if (this.#available < length) return;
      const header = this.#header;
      this.#header = null;
      this.#dispatch(header, this.#take(length));
    }
  }

  #check(header: Buffer): void {
    if (header[0] !== 1) throw new GdpError(`GDP version ${header[0]}.${header[1]} is not 1.x`);
    const length = header.readUInt32BE(6);
    const limit = header.readUInt16BE(4) === typeBuffer ? this.#maxSampleBytes : maxTextBytes;
    if (length > limit) throw new GdpError(`GDP packet of ${length} bytes exceeds ${limit}`);
  }

  #take(length: number): Buffer {
    const first = this.#chunks[0];
    this.#available -= length;
    if (first && first.length > length) {
      this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    const whole = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#chunks = whole.length > length ? [whole.subarray(length)] : [];
    return whole.subarray(0, length);
  }

  #dispatch(header: Buffer, payload: Buffer): void {
    const type = header.readUInt16BE(4);
    if (type === typeCaps) this.#handler.caps(textOf(payload));
    else if (type >= typeEvent) this.#event(textOf(payload));
    else if (type === typeBuffer) {
      const pts = header.readBigUInt64BE(10);
      if (pts === noTime || payload.length === 0) return;
      this.#handler.sample({
        timeNs: Number(pts - this.#segmentOffsetNs),
        sync: (header.readUInt16BE(42) & flagDeltaUnit) === 0,
        bytes: payload,
      });
    }
  }

  /** A segment event: x264enc shifts its PTS by 1,000 hours and says so here. */
  #event(text: string): void {
    if (!text.startsWith('GstEventSegment')) return;
    const start = /\bstart\\?=\\?\(guint64\\?\)(\d+)/.exec(text)?.[1];
    const base = /\bbase\\?=\\?\(guint64\\?\)(\d+)/.exec(text)?.[1];
    if (start === undefined || base === undefined) throw new GdpError('GDP segment without start or base');
    this.#segmentOffsetNs = BigInt(start) - BigInt(base);
  }
}

function textOf(payload: Buffer): string {
  const end = payload.indexOf(0);
  return payload.toString('utf8', 0, end < 0 ? payload.length : end);
}
