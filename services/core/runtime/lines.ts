import type { Readable } from 'node:stream';

/** No line of ours is longer; what is gets cut, so that a peer without line ends costs bounded memory. */
const maxLineCharacters = 64 * 1024;

/**
 * Calls `onLine` with each line of a stream, whose errors end it and nothing else (node:readline would throw them).
 * @param stream a child's output; missing where the child could not be started (EMFILE)
 */
export function onLines(stream: Readable | null | undefined, onLine: (line: string) => void): void {
  if (!stream) return;
  let rest = '';
  stream.on('error', () => {}); // 'close' follows
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, maxLineCharacters);
    for (const line of lines) onLine(line);
  });
}
