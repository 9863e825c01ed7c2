/** File names end at 255 bytes, and a character may take four. */
const maxTitleCharacters = 60;
const maxTitleBytes = 180;

/** What FAT, exFAT, ext4 and an address all take of a broadcast's title. */
function slugOf(title: string): string {
  const plain = title
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  const characters = [...plain].slice(0, maxTitleCharacters);
  while (Buffer.byteLength(characters.join('')) > maxTitleBytes) characters.pop();
  return characters.join('') || 'recording';
}

/** "2026-11-30_06-15-00_Town-hall": local time, for people who look at the disk. */
export function datedName(atMs: number, title: string): string {
  return `${dateOf(atMs)}_${slugOf(title)}`;
}

function dateOf(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}_${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}`;
}

const clockless = 'clock-not-set';

/** While the board does not know the time. */
export function clocklessName(title: string): string {
  return `${clockless}_${slugOf(title)}`;
}

/** The name that a file begun without a clock gets once there is one; null for those that have a date. */
export function nameWithDate(name: string, atMs: number): string | null {
  if (!name.startsWith(`${clockless}_`)) return null;
  const title = name.slice(clockless.length + 1).replace(/_\d+$/, ''); // the number that told it from others
  return `${dateOf(atMs)}_${title}`;
}
