import { open } from 'node:fs/promises';
import { maxPictureBytes, pictureShape } from '#core/runtime/picture-shape.ts';
import { ReasonError } from '../reason-error.ts';

export interface Logo {
  /** A `data:` URL of the whole file. */
  href: string;
  shape: { width: number; height: number };
}

/** Reads a PNG or JPEG, whatever its name says. @throws ReasonError `logo-unreadable` */
export async function readLogo(path: string): Promise<Logo> {
  const bytes = await readBounded(path).catch(() => null);
  const found = bytes && pictureShape(bytes);
  if (!found) throw ReasonError.of('logo-unreadable', path);
  const { type, width, height } = found;
  return { href: `data:image/${type};base64,${bytes?.toString('base64')}`, shape: { width, height } };
}

async function readBounded(path: string): Promise<Buffer | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > maxPictureBytes) return null;
    return await file.readFile();
  } finally {
    await file.close();
  }
}
