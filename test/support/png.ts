import { deflateSync } from 'node:zlib';
import { crc32 } from '#egress/ice/crc32.ts';

function chunk(name: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length);
  bytes.write(name, 4, 'latin1');
  data.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)) >>> 0, 8 + data.length);
  return bytes;
}

/** A grey PNG of one row. @param levels of its pixels, 0 to 255 */
export function pngOf(levels: readonly number[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(levels.length);
  header.writeUInt32BE(1, 4);
  header.writeUInt8(8, 8);
  const row = deflateSync(Buffer.from([0, ...levels]));
  const magic = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([magic, chunk('IHDR', header), chunk('IDAT', row), chunk('IEND', Buffer.alloc(0))]);
}
