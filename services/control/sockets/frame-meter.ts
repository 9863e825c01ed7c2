/** What one piece of an unfinished message costs beside its bytes: a slow sender's single bytes are buffers of their own. */
const pieceBytes = 256;
/** The longest header of a frame (RFC 6455, 5.2). */
const maxHeaderBytes = 14;
const finalBit = 0x80;
const maskBit = 0x80;
const controlBit = 0x08;

/**
 * Reads along on the upgraded stream of a web socket, and knows what its unfinished message costs: `ws` keeps every
 * piece of a message until the last one is there, and says nothing of it. Only headers are read; whether frames are
 * allowed is for `ws` to judge.
 */
export class FrameMeter {
  readonly #header = Buffer.alloc(maxHeaderBytes);
  #headerBytes = 0;
  /** Of the frame's payload, still to come. */
  #leftBytes = 0;
  #inFrame = false;
  /** The frame belongs to a message, and is not its last. */
  #opensMessage = false;
  #isControl = false;
  #inMessage = false;
  #cost = 0;
  #sinceMs: number | null = null;

  /** Bytes that its unfinished message takes in memory; 0 between messages. */
  get cost(): number {
    return this.#cost;
  }

  /** When the unfinished message began; null between messages. */
  get sinceMs(): number | null {
    return this.#sinceMs;
  }

  /** @param chunk bytes as they came over the network */
  note(chunk: Buffer, nowMs: number): void {
    let at = 0;
    while (at < chunk.length) {
      if (!this.#inFrame) {
        at += this.#readHeader(chunk, at);
        if (!this.#inFrame) break;
      }
      const taken = Math.min(this.#leftBytes, chunk.length - at);
      at += taken;
      this.#leftBytes -= taken;
      this.#cost += taken;
      if (this.#leftBytes > 0) break;
      this.#endFrame();
    }
    if (this.#inFrame || this.#inMessage || this.#headerBytes > 0) {
      this.#cost += pieceBytes;
      this.#sinceMs ??= nowMs;
    } else this.#reset();
  }

  /** @returns how many bytes of the chunk belong to the header */
  #readHeader(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      this.#header[this.#headerBytes] = chunk[at] ?? 0;
      this.#headerBytes += 1;
      at += 1;
      if (this.#headerBytes >= 2 && this.#headerBytes === this.#headerLength()) {
        this.#beginFrame();
        break;
      }
    }
    return at - from;
  }

  #headerLength(): number {
    const second = this.#header[1] ?? 0;
    const length = second & ~maskBit;
    const extended = length === 127 ? 8 : length === 126 ? 2 : 0;
    return 2 + extended + (second & maskBit ? 4 : 0);
  }

  #beginFrame(): void {
    const first = this.#header[0] ?? 0;
    const length = (this.#header[1] ?? 0) & ~maskBit;
    this.#isControl = (first & controlBit) !== 0;
    this.#opensMessage = (first & finalBit) === 0;
    this.#leftBytes =
      length === 127
        ? Number(this.#header.readBigUInt64BE(2))
        : length === 126
          ? this.#header.readUInt16BE(2)
          : length;
    this.#headerBytes = 0;
    this.#inFrame = true;
  }

  #endFrame(): void {
    this.#inFrame = false;
    if (this.#isControl) return; // they come between the frames of a message
    this.#inMessage = this.#opensMessage;
    if (this.#inMessage) this.#cost += pieceBytes;
    else this.#reset();
  }

  #reset(): void {
    this.#cost = 0;
    this.#sinceMs = null;
  }
}
