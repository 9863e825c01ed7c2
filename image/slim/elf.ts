/** What the dynamic section of a program or library says (ELF, System V ABI; 64 bit, little endian). */
export interface ElfFile {
  /** Names of the libraries it is linked with (DT_NEEDED). */
  needed: string[];
}

const sectionHeaderTypeDynamic = 6;
const tagNull = 0n;
const tagNeeded = 1n;

/** Reads an ELF file's needs; undefined where the bytes are no such file, or a static one. */
export function readElf(bytes: Buffer): ElfFile | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined;
  if (bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  const headersAt = Number(bytes.readBigUInt64LE(40));
  const headerSize = bytes.readUInt16LE(58);
  const headers = bytes.readUInt16LE(60);
  for (let index = 0; index < headers; index++) {
    const at = headersAt + index * headerSize;
    if (at + headerSize > bytes.length) return undefined;
    if (bytes.readUInt32LE(at + 4) !== sectionHeaderTypeDynamic) continue;
    // sh_link names the section with the strings.
    const stringsAt = headersAt + bytes.readUInt32LE(at + 40) * headerSize;
    const strings = Number(bytes.readBigUInt64LE(stringsAt + 24));
    return { needed: readNeeded(bytes, Number(bytes.readBigUInt64LE(at + 24)), strings) };
  }
  return undefined;
}

function readNeeded(bytes: Buffer, start: number, strings: number): string[] {
  const needed: string[] = [];
  for (let at = start; at + 16 <= bytes.length; at += 16) {
    const tag = bytes.readBigUInt64LE(at);
    if (tag === tagNull) break;
    if (tag !== tagNeeded) continue;
    const from = strings + Number(bytes.readBigUInt64LE(at + 8));
    needed.push(bytes.toString('utf8', from, bytes.indexOf(0, from)));
  }
  return needed;
}
