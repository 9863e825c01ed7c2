/** Values of AMF 0 (Adobe, 2007), as far as RTMP's commands use them. */
export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | AmfValue[]
  | { [key: string]: AmfValue };

const marker = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  ecmaArray: 8,
  objectEnd: 9,
  strictArray: 10,
  date: 11,
  longString: 12,
} as const;
/** A command has a handful of either. */
const maxDepth = 6;
const maxValues = 512;

/** @throws RangeError on what is not AMF 0, or more than a command needs */
export function decodeAmf(bytes: Buffer): AmfValue[] {
  const reader = new AmfReader(bytes);
  const values: AmfValue[] = [];
  while (!reader.atEnd) values.push(reader.value(0));
  return values;
}

class AmfReader {
  readonly #bytes: Buffer;
  #at = 0;
  #count = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(depth: number): AmfValue {
    this.#count += 1;
    if (depth > maxDepth || this.#count > maxValues) throw new RangeError('AMF: too much in a command');
    const type = this.#bytes.readUInt8(this.#at++);
    switch (type) {
      case marker.number:
        return this.#bytes.readDoubleBE(this.#skip(8));
      case marker.boolean:
        return this.#bytes.readUInt8(this.#skip(1)) !== 0;
      case marker.string:
        return this.#text(this.#bytes.readUInt16BE(this.#skip(2)));
      case marker.longString:
        return this.#text(this.#bytes.readUInt32BE(this.#skip(4)));
      case marker.null:
        return null;
      case marker.undefined:
        return undefined;
      case marker.date:
        return this.#bytes.readDoubleBE(this.#skip(10));
      case marker.ecmaArray:
        this.#skip(4);
        return this.#object(depth);
      case marker.object:
        return this.#object(depth);
      case marker.strictArray: {
        const length = this.#bytes.readUInt32BE(this.#skip(4));
        if (length > maxValues) throw new RangeError('AMF: too long an array');
        return Array.from({ length }, () => this.value(depth + 1));
      }
      default:
        throw new RangeError(`AMF: a value of type ${type}`);
    }
  }

  #object(depth: number): AmfValue {
    const entries: [string, AmfValue][] = [];
    while (!this.atEnd) {
      const name = this.#text(this.#bytes.readUInt16BE(this.#skip(2)));
      if (name === '' && this.#bytes[this.#at] === marker.objectEnd) {
        this.#at += 1;
        break;
      }
      entries.push([name, this.value(depth + 1)]);
    }
    return Object.fromEntries(entries);
  }

  #text(length: number): string {
    const at = this.#skip(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** @returns where what is skipped begins */
  #skip(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new RangeError('AMF: it is cut off');
    this.#at += length;
    return at;
  }
}

export function encodeAmf(values: readonly AmfValue[]): Buffer {
  return Buffer.concat(values.map(encodeValue));
}

function encodeValue(value: AmfValue): Buffer {
  if (value === null) return Buffer.from([marker.null]);
  if (value === undefined) return Buffer.from([marker.undefined]);
  if (typeof value === 'boolean') return Buffer.from([marker.boolean, value ? 1 : 0]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === 'string') return Buffer.concat([Buffer.from([marker.string]), encodeText(value)]);
  if (Array.isArray(value)) {
    const head = Buffer.alloc(5);
    head[0] = marker.strictArray;
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, ...value.map(encodeValue)]);
  }
  const entries = Object.entries(value).flatMap(([name, inner]) => [encodeText(name), encodeValue(inner)]);
  return Buffer.concat([Buffer.from([marker.object]), ...entries, Buffer.from([0, 0, marker.objectEnd])]);
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
