import { bytesAfter, decodePacket, type ImprovPacket, improvHeader, mayBePacket } from './improv-packet.ts';

/** What is told apart on the line. */
export interface FrameListener {
  /** Keys of a person, line ends and control characters included, as they come. */
  keys(bytes: Uint8Array): void;
  /** A line of a program: it began with a brace or a bracket. */
  json(line: string): void;
  /** Such a line that was too long; it is thrown away up to its end. */
  jsonTooLong(): void;
  packet(packet: ImprovPacket): void;
  /** A header was followed by what is not a packet. */
  malformedPacket(): void;
}

/** No line of a program is longer. */
export const maxJsonLineBytes = 64 * 1024;

const newline = 0x0a;
const carriageReturn = 0x0d;
/**
 * What comes right behind a packet, if anything does. Of packets that were cut off, one in 256 fits its checksum by
 * accident once the lines behind it have filled it up: those would be lost.
 */
const mayFollowPacket = new Set([newline, carriageReturn, improvHeader[0]]);
/** What ends a person's line besides: Ctrl-C, Ctrl-U. Programs may send one first to be sure of a fresh line. */
const lineKillers = new Set([0x03, 0x15]);
const jsonStarts = new Set(['{', '['].map((text) => text.charCodeAt(0)));

/**
 * Tells the three speakers on one line apart by their first bytes: `IMPROV` and the version are a packet wherever
 * they come (nobody types them), a brace or a bracket at the start of a line is a program, all else is a person.
 * Whatever comes in, it is back in step at the next line, and holds no more than the longest line.
 */
export class FrameReader {
  readonly #listener: FrameListener;
  #state: 'start' | 'person' | 'json' | 'skip' | 'packet' | 'after-packet' = 'start';
  /** How many bytes of the header have come. */
  #matched = 0;
  #keys: number[] = [];
  #json: Uint8Array = Buffer.alloc(256);
  #jsonBytes = 0;
  #packet: number[] = [];
  /** A whole packet, unless what follows shows that it was none. */
  #fitting: ImprovPacket | null = null;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** Something is half there that would not come this slowly: after a while of silence, call `expire`. */
  get waiting(): boolean {
    return this.#matched > 0 || this.#state === 'packet';
  }

  feed(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte);
    this.#endChunk();
  }

  /** No more will come of what is half there. */
  expire(): void {
    // In what was taken for a packet another one may begin that does not end either.
    while (this.waiting) {
      if (this.#fitting) this.#passPacket(this.#fitting);
      else if (this.#state === 'packet') this.#fail();
      else this.#release();
    }
    this.#endChunk();
  }

  #endChunk(): void {
    if (this.#fitting) this.#passPacket(this.#fitting);
    this.#passKeys();
  }

  #take(byte: number): void {
    while (this.#fitting) {
      if (mayFollowPacket.has(byte)) this.#passPacket(this.#fitting);
      else this.#fail();
    }
    if (this.#state === 'packet') {
      this.#takePacket(byte);
      return;
    }
    if (byte === improvHeader[this.#matched]) {
      this.#matched += 1;
      if (this.#matched === improvHeader.length) this.#beginPacket();
      return;
    }
    this.#release();
    if (byte === improvHeader[0]) this.#matched = 1;
    else this.#takePlain(byte);
  }

  /** What looked like the beginning of a header was not. */
  #release(): void {
    const held = improvHeader.subarray(0, this.#matched);
    this.#matched = 0;
    for (const byte of held) this.#takePlain(byte);
  }

  #takePlain(byte: number): void {
    if (this.#state === 'after-packet') {
      this.#state = 'start';
      if (byte === newline) return; // the packet's own
    }
    const ends = byte === newline || byte === carriageReturn;
    if (this.#state === 'start' && jsonStarts.has(byte)) this.#state = 'json';
    switch (this.#state) {
      case 'json':
        if (!ends) this.#takeJson(byte);
        else this.#endJson();
        return;
      case 'skip':
        if (ends) this.#state = 'start';
        return;
      default:
        this.#keys.push(byte);
        this.#state = ends || lineKillers.has(byte) ? 'start' : 'person';
    }
  }

  #takeJson(byte: number): void {
    if (this.#jsonBytes === maxJsonLineBytes) {
      this.#freeJson();
      this.#state = 'skip';
      this.#passKeys();
      this.#listener.jsonTooLong();
      return;
    }
    if (this.#jsonBytes === this.#json.length) {
      const larger = Buffer.alloc(Math.min(maxJsonLineBytes, this.#json.length * 4));
      larger.set(this.#json);
      this.#json = larger;
    }
    this.#json[this.#jsonBytes] = byte;
    this.#jsonBytes += 1;
  }

  #endJson(): void {
    const line = Buffer.from(this.#json.subarray(0, this.#jsonBytes)).toString('utf8');
    this.#freeJson();
    this.#state = 'start';
    this.#passKeys();
    this.#listener.json(line);
  }

  #freeJson(): void {
    this.#jsonBytes = 0;
    if (this.#json.length > 4_096) this.#json = Buffer.alloc(256);
  }

  #beginPacket(): void {
    this.#matched = 0;
    this.#freeJson();
    this.#passKeys();
    this.#packet = [];
    this.#state = 'packet';
  }

  #takePacket(byte: number): void {
    this.#packet.push(byte);
    if (!mayBePacket(this.#packet)) {
      this.#fail();
      return;
    }
    const length = this.#packet[1];
    if (length === undefined || this.#packet.length < 2 + bytesAfter(length)) return;
    this.#fitting = decodePacket(Uint8Array.from(this.#packet));
    if (this.#fitting === null) this.#fail();
  }

  #passPacket(packet: ImprovPacket): void {
    this.#packet = [];
    this.#fitting = null;
    this.#state = 'after-packet';
    this.#listener.packet(packet);
  }

  /** The next line may be among what was taken for the packet. */
  #fail(): void {
    const taken = this.#packet;
    this.#packet = [];
    this.#fitting = null;
    this.#state = 'skip';
    this.#listener.malformedPacket();
    for (const byte of taken) this.#take(byte);
  }

  #passKeys(): void {
    if (this.#keys.length === 0) return;
    const keys = Uint8Array.from(this.#keys);
    this.#keys = [];
    this.#listener.keys(keys);
  }
}
