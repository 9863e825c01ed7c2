import { open } from 'node:fs/promises';
import { ReasonError } from '../reason-error.ts';

export interface Logo {
  /** A `data:` URL of the whole file. */
  href: string;
  shape: { width: number; height: number };
}

const maxBytes = 4 * 1024 * 1024;
const maxSide = 4_096;

/** Reads a PNG or JPEG, whatever its name says. @throws ReasonError `logo-unreadable` */
export async function readLogo(path: string): Promise<Logo> {
  const bytes = await readBounded(path).catch(() => null);
  const found = bytes && (pngShape(bytes) ?? jpegShape(bytes));
  if (!found || Math.min(found.width, found.height) < 1 || Math.max(found.width, found.height) > maxSide)
    throw ReasonError.of('logo-unreadable', path);
  const { type, width, height } = found;
  return { href: `data:image/${type};base64,${bytes?.toString('base64')}`, shape: { width, height } };
}

async function readBounded(path: string): Promise<Buffer | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > maxBytes) return null;
    return await file.readFile();
  } finally {
    await file.close();
  }
}

interface Found {
  type: 'png' | 'jpeg';
  width: number;
  height: number;
}

/** The header chunk comes first (PNG, 11.2.2). */
function pngShape(bytes: Buffer): Found | null {
  if (bytes.length < 24 || bytes.readBigUInt64BE() !== 0x89504e470d0a1a0an) return null;
  return { type: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** The frame header among the segments (ITU-T T.81, B.1.1.3 and B.2.2). */
function jpegShape(bytes: Buffer): Found | null {
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
