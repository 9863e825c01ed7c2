import type { Readable } from 'node:stream';

/** No line of ours is longer; what is gets cut, so that a peer without line ends costs bounded memory. */
const maxLineCharacters = 64 * 1024;

/** Calls `onLine` with each line of a stream; its errors stay with the stream (node:readline would throw them). */
export function onLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, maxLineCharacters);
    for (const line of lines) onLine(line);
  });
}
