/** All that fits into a packet beside command and length. */
const maxTotalBytes = 253;
const maxStringBytes = 252;

/** Length-prefixed UTF-8 strings of an RPC result; what does not fit is cut at a character. */
export function encodeStrings(strings: readonly string[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let room = maxTotalBytes;
  for (const text of strings) {
    const bytes = cut(Buffer.from(text), Math.min(maxStringBytes, room - 1));
    if (room < 1) break;
    parts.push(Buffer.from([bytes.length]), bytes);
    room -= bytes.length + 1;
  }
  return Buffer.concat(parts);
}

/**
 * The length-prefixed strings of a command.
 * @returns null where the lengths do not fit, or a string is no UTF-8
 */
export function decodeStrings(bytes: Uint8Array): string[] | null {
  const strings: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = bytes[at] ?? 0;
    const text = decodeText(bytes.subarray(at + 1, at + 1 + length));
    if (at + 1 + length > bytes.length || text === null) return null;
    strings.push(text);
    at += 1 + length;
  }
  return strings;
}

/** Null for what is no UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function cut(bytes: Uint8Array, maxBytes: number): Uint8Array {
  let length = Math.max(0, Math.min(bytes.length, maxBytes));
  // A byte of the form 10xxxxxx continues a character.
  while (length > 0 && length < bytes.length && ((bytes[length] ?? 0) & 0xc0) === 0x80) length -= 1;
  return bytes.subarray(0, length);
}
