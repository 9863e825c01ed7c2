// A process of its own: LANCast clients that note when each status reached them.
// argv: origin, how many. Prints {"ready":true}; then for every bitrate that all have heard of, one line
// {"bitrate":N,"allAtMs":[…]} on the wall clock.
import { WebSocket } from 'ws';

const [origin = '', count = '1'] = process.argv.slice(2);
const total = Number(count);
const heard = new Map<number, Map<WebSocket, number>>();
const told = new Set<number>();

function hear(socket: WebSocket, text: string): void {
  const atMs = performance.timeOrigin + performance.now();
  const bitrate = (JSON.parse(text) as { data: { streamInfo?: { bitrate: number } } }).data.streamInfo
    ?.bitrate;
  if (bitrate === undefined || told.has(bitrate)) return;
  const times = heard.get(bitrate) ?? new Map<WebSocket, number>();
  heard.set(bitrate, times);
  if (!times.has(socket)) times.set(socket, atMs);
  if (times.size < total) return;
  heard.delete(bitrate);
  told.add(bitrate);
  console.log(JSON.stringify({ bitrate, allAtMs: [...times.values()] }));
}

for (let opened = 0; opened < total; opened += 1) {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`);
  await new Promise<void>((resolve, reject) => {
    socket.once('message', () => resolve());
    socket.once('error', reject);
  });
  socket.on('message', (data) => hear(socket, String(data)));
}
heard.clear();
console.log(JSON.stringify({ ready: true }));
process.stdin.on('end', () => process.exit(0)).resume();
