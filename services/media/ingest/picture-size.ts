/** How large the pictures of a stream are, as its own configuration says: known before anything is decoded. */
export interface PictureSize {
  width: number;
  height: number;
}

/** @param data an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1). Null where it says nothing that can be read */
export function sizeOfAvc(data: Buffer): PictureSize | null {
  try {
    if ((data.readUInt8(5) & 0x1f) === 0) return null;
    const length = data.readUInt16BE(6);
    return readAvcSps(new Bits(withoutEmulation(data.subarray(8, 8 + length)), 8));
  } catch {
    return null; // it is cut off
  }
}

/** @param data an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1). Null where it says nothing that can be read */
export function sizeOfHevc(data: Buffer): PictureSize | null {
  try {
    let at = 23;
    for (let arrays = data.readUInt8(22); arrays > 0; arrays -= 1) {
      const type = data.readUInt8(at) & 0x3f;
      const count = data.readUInt16BE(at + 1);
      at += 3;
      for (let index = 0; index < count; index += 1) {
        const length = data.readUInt16BE(at);
        if (type === spsType)
          return readHevcSps(new Bits(withoutEmulation(data.subarray(at + 2, at + 2 + length)), 16));
        at += 2 + length;
      }
    }
    return null;
  } catch {
    return null; // it is cut off
  }
}

const spsType = 33;
/** Profiles whose SPS says more of its colours (ITU-T H.264, 7.3.2.1.1). */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

function readAvcSps(bits: Bits): PictureSize {
  const profile = bits.read(8);
  bits.read(16);
  bits.exponential();
  let chroma = 1;
  if (highProfiles.has(profile)) {
    chroma = bits.exponential();
    if (chroma === 3) bits.read(1);
    bits.exponential();
    bits.exponential();
    bits.read(1);
    if (bits.read(1))
      for (let list = 0; list < (chroma === 3 ? 12 : 8); list += 1) skipScalingList(bits, list);
  }
  bits.exponential();
  const orderType = bits.exponential();
  if (orderType === 0) bits.exponential();
  else if (orderType === 1) {
    bits.read(1);
    bits.exponential();
    bits.exponential();
    for (let left = Math.min(255, bits.exponential()); left > 0; left -= 1) bits.exponential();
  }
  bits.exponential();
  bits.read(1);
  const width = (bits.exponential() + 1) * 16;
  const mapHeight = (bits.exponential() + 1) * 16;
  const isProgressive = bits.read(1) === 1;
  return { width, height: isProgressive ? mapHeight : mapHeight * 2 };
}

function skipScalingList(bits: Bits, list: number): void {
  if (!bits.read(1)) return;
  let next = 8;
  for (let index = 0, last = 8; index < (list < 6 ? 16 : 64) && next !== 0; index += 1) {
    const code = bits.exponential();
    const difference = code % 2 === 0 ? -code / 2 : (code + 1) / 2;
    next = (last + difference + 256) % 256;
    if (next !== 0) last = next;
  }
}

function readHevcSps(bits: Bits): PictureSize {
  bits.read(4);
  const subLayers = bits.read(3);
  bits.read(1);
  bits.skip(88);
  bits.read(8);
  const present = Array.from({ length: subLayers }, () => [bits.read(1), bits.read(1)] as const);
  if (subLayers > 0) bits.skip((8 - subLayers) * 2);
  for (const [profile, level] of present) bits.skip((profile ? 88 : 0) + (level ? 8 : 0));
  bits.exponential();
  if (bits.exponential() === 3) bits.read(1);
  return { width: bits.exponential(), height: bits.exponential() };
}

/** Takes out the bytes that keep start codes from appearing (ITU-T H.264, 7.4.1). */
function withoutEmulation(unit: Buffer): Buffer {
  const bytes: number[] = [];
  for (const [at, byte] of unit.entries()) {
    if (byte === 3 && unit[at - 1] === 0 && unit[at - 2] === 0) continue;
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

class Bits {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** @throws RangeError at the end */
  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left -= 1) {
      const byte = this.#bytes.readUInt8(this.#at >> 3);
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** ue(v), 9.1; what is signed is read the same way and not used. */
  exponential(): number {
    let zeros = 0;
    while (this.read(1) === 0) {
      zeros += 1;
      if (zeros > 31) throw new RangeError('no such number');
    }
    return 2 ** zeros - 1 + this.read(zeros);
  }
}
