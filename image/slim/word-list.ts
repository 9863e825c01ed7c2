import { readFileSync } from 'node:fs';

/** The lines of a list beside this file, without comments and empty ones. */
export function listIn(name: string): string[] {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Whether a path is, or is below, one of these; `*` stands for any part of a name, `[a-z]` for one letter. */
export function pathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const sources = patterns.map((pattern) =>
    pattern.replace(/[.+(){}|^$\\]/g, '\\$&').replaceAll('*', '[^/]*'),
  );
  const expression = new RegExp(`^(?:${sources.join('|')})(?:/|$)`);
  return (path) => patterns.length > 0 && expression.test(path);
}
