const blockBytes = 512;
/** The field of 11 octal digits. */
const maxFileBytes = 8 ** 11 - 1;

export interface TarFile {
  /** ASCII, 100 bytes at most. */
  name: string;
  content: Uint8Array;
}

/** A tar archive of a few small files (POSIX.1-1988 ustar), each readable by its owner only. */
export function tarOf(files: readonly TarFile[], options: { modifiedAtMs: number }): Buffer {
  const parts = files.flatMap(({ name, content }) => [
    header(name, content.length, options.modifiedAtMs),
    content,
    Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}

/** @throws RangeError for what the format has no room for */
function header(name: string, size: number, modifiedAtMs: number): Buffer {
  if (!/^[ -~]{1,100}$/.test(name))
    throw new RangeError('a name in a tar archive is ASCII of 100 bytes at most');
  if (size > maxFileBytes) throw new RangeError('a file in a tar archive is smaller than 8 GiB');
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  block.write(name, 0);
  block.write(`${octal(0o600, 7)}\0`, 100); // mode
  block.write(`${octal(0, 7)}\0`, 108); // user
  block.write(`${octal(0, 7)}\0`, 116); // group
  block.write(`${octal(size, 11)}\0`, 124);
  block.write(`${octal(Math.max(0, Math.floor(modifiedAtMs / 1_000)), 11)}\0`, 136);
  block.write(' '.repeat(8), 148); // the checksum counts as blanks in its own sum
  block.write('0', 156); // an ordinary file
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}
