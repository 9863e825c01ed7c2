const maxTitleCharacters = 60;

/** What FAT, exFAT, ext4 and an address all take of a broadcast's title. */
function slugOf(title: string): string {
  const plain = title
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return [...plain].slice(0, maxTitleCharacters).join('') || 'recording';
}

/** "2026-11-30_06-15-00_Town-hall": local time, for people who look at the disk. */
export function datedName(atMs: number, title: string): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}_${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}_${slugOf(title)}`;
}

/** While the board does not know the time. */
export function clocklessName(title: string): string {
  return `clock-not-set_${slugOf(title)}`;
}
