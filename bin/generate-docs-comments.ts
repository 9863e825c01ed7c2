import { readFileSync } from 'node:fs';

/** What stands above each exported schema of a file in services/core/protocol, by the name of the constant. */
export function commentsOf(file: string): Map<string, string> {
  const source = readFileSync(new URL(`../services/core/protocol/${file}.ts`, import.meta.url), 'utf8');
  const found = new Map<string, string>();
  for (const [, comment = '', name = ''] of source.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const (\w+)/g,
  )) {
    found.set(
      name,
      comment
        .replace(/^\s*\* ?/gm, '')
        .replace(/\s+/g, ' ')
        .trim(),
    );
  }
  return found;
}
