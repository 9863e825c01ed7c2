// A process of many clients of one web socket server: counts when each hears of a change. Told what to do by IPC.
import { connect, type Socket } from 'node:net';

/** What this process is asked. */
export type Ask =
  | { open: { port: number; path: string; count: number; marker: string } }
  /** The next message with the marker counts, once for each client. */
  | { arm: true };

/** What it answers: times of the monotonic clock that all processes of a machine share, in milliseconds. */
export type Told = { opened: number } | { armed: true } | { heardAtMs: number[] };

/** No more than the box lets in of one address at once. */
const atOnce = 50;
const ping = Buffer.from([0x89, 0x00]);
const pong = Buffer.from([0x8a, 0x80, 1, 2, 3, 4]);

const sockets: Socket[] = [];
let marker = Buffer.alloc(0);
let waiting = new Set<Socket>();
let heardAtMs: number[] = [];

function tell(told: Told): void {
  process.send?.(told);
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function hear(socket: Socket, data: Buffer): void {
  if (data.includes(ping)) socket.write(pong);
  if (!waiting.has(socket) || !data.includes(marker)) return;
  waiting.delete(socket);
  heardAtMs.push(monotonicMs());
  if (waiting.size === 0) tell({ heardAtMs });
}

/** Raw, so that the clients cost less than what they measure. */
function open(port: number, path: string, client: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (client % 250)}` });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection')));
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        '\r\n',
      ].join('\r\n'),
    );
    socket.once('data', (data) => {
      if (!data.toString('latin1').startsWith('HTTP/1.1 101')) {
        reject(new Error(data.toString('latin1').slice(0, 200)));
        return;
      }
      sockets.push(socket);
      socket.on('data', (more) => hear(socket, more));
      resolve();
    });
  });
}

process.on('message', async (ask: Ask) => {
  if ('arm' in ask) {
    waiting = new Set(sockets);
    heardAtMs = [];
    tell({ armed: true });
    return;
  }
  const { port, path, count } = ask.open;
  marker = Buffer.from(ask.open.marker);
  for (let client = 0; client < count; client += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, count - client) }, (_, index) =>
      open(port, path, client + index),
    );
    await Promise.all(some);
  }
  tell({ opened: sockets.length });
});
process.on('disconnect', () => process.exit());
