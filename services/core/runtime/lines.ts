import type { Readable } from 'node:stream';

/** No line of ours is longer; what is gets cut, so that a peer without line ends costs bounded memory. */
const maxLineCharacters = 64 * 1024;

/**
 * Calls `onLine` with each line of a stream, whose errors end it and nothing else (node:readline would throw them).
 * @param stream a child's output; missing where the child could not be started (EMFILE)
 * @param options.unfinished what is done with a last line that has no end: a peer's is dropped, a program's output taken
 */
export function onLines(
  stream: Readable | null | undefined,
  onLine: (line: string) => void,
  { unfinished = 'drop' }: { unfinished?: 'drop' | 'take' } = {},
): void {
  if (!stream) return;
  let rest = '';
  stream.on('error', () => {}); // 'close' follows
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, maxLineCharacters);
    for (const line of lines) onLine(line);
  });
  if (unfinished === 'take') {
    stream.on('end', () => {
      if (rest !== '') onLine(rest);
    });
  }
}
