/** What the first bytes of a picture say of it. */
export interface PictureShape {
  type: 'png' | 'jpeg';
  width: number;
  height: number;
}

/** The most that a picture of an operator's may weigh, and measure. */
export const maxPictureBytes = 4 * 1024 * 1024;
export const maxPictureSide = 4_096;

/** Of a PNG or JPEG within bounds; null for anything else. */
export function pictureShape(bytes: Buffer): PictureShape | null {
  const found = pngShape(bytes) ?? jpegShape(bytes);
  if (found === null || bytes.length > maxPictureBytes) return null;
  const { width, height } = found;
  return Math.min(width, height) >= 1 && Math.max(width, height) <= maxPictureSide ? found : null;
}

/** Whether the file is there to its end, as far as that can be told without decoding it. */
export function isWholePicture(bytes: Buffer, { type }: PictureShape): boolean {
  return type === 'png' ? isWholePng(bytes) : bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) > 2;
}

/** The header chunk comes first (PNG, 11.2.2). */
function pngShape(bytes: Buffer): PictureShape | null {
  if (bytes.length < 24 || bytes.readBigUInt64BE() !== 0x89504e470d0a1a0an) return null;
  return { type: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** The frame header among the segments (ITU-T T.81, B.1.1.3 and B.2.2). */
function jpegShape(bytes: Buffer): PictureShape | null {
  if (bytes.length < 4 || bytes.readUInt16BE() !== 0xffd8) return null;
  for (let at = 2; at + 9 <= bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt16BE(at);
    if (marker < 0xffc0) return null;
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame)
      return { type: 'jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
  }
  return null;
}

/** Chunk after chunk to the one that ends it (PNG, 5.3 and 11.2). */
function isWholePng(bytes: Buffer): boolean {
  let hasPixels = false;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const name = bytes.toString('latin1', at + 4, at + 8);
    if (at === 8 && name !== 'IHDR') return false;
    if (name === 'IDAT') hasPixels = true;
    if (name === 'IEND') return hasPixels;
  }
  return false;
}
