import type { FingerprintPlace } from '#core/protocol/endpoints/certificate.ts';
import { element, make } from '../page/elements.ts';

const bytesPerRow = 4;
const digitsPerRow = 2 * bytesPerRow;

/** Shows `AA:BB:…` in numbered rows of eight digits, as the lights count them, with the digit that they flash marked. */
export function showFingerprint(sha256: string, marked: FingerprintPlace | null): void {
  const bytes = sha256.split(':');
  const at = marked === null ? null : (marked.row - 1) * digitsPerRow + marked.column - 1;
  const rows = Array.from({ length: Math.ceil(bytes.length / bytesPerRow) }, (_, row) => {
    const pairs = bytes.slice(row * bytesPerRow, (row + 1) * bytesPerRow);
    const characters = pairs.flatMap((byte, column) => {
      const index = 2 * (row * bytesPerRow + column);
      const isLast = index / 2 === bytes.length - 1;
      const digits = [...byte].map((digit, offset) =>
        index + offset === at ? make('mark', {}, digit) : digit,
      );
      return isLast ? digits : [...digits, ':'];
    });
    return make('span', {}, ...characters);
  });
  element('fingerprint', HTMLElement).replaceChildren(...rows);
}
