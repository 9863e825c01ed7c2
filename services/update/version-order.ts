/**
 * Which of two versions is newer, in the order of Semantic Versioning 2.0.0, 11: positive where `one` is.
 * What comes after a `+` does not count.
 */
export function compareVersions(one: string, other: string): number {
  const [mine, theirs] = [parse(one), parse(other)];
  for (let at = 0; at < 3; at += 1) {
    const difference = (mine.numbers[at] ?? 0) - (theirs.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  // One with a pre-release comes before the one without.
  if (mine.pre.length === 0 || theirs.pre.length === 0) return theirs.pre.length - mine.pre.length;
  for (let at = 0; at < Math.max(mine.pre.length, theirs.pre.length); at += 1) {
    const [left, right] = [mine.pre[at], theirs.pre[at]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const difference = compareParts(left, right);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareParts(left: string, right: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isNumber && isOtherNumber) return Number(left) - Number(right);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

function parse(version: string): { numbers: number[]; pre: string[] } {
  const [main = '', pre = ''] = (version.split('+')[0] ?? '').split(/-(.*)/s);
  return { numbers: main.split('.').map(Number), pre: pre === '' ? [] : pre.split('.') };
}
