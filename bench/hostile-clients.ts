// A process of its own that behaves badly, from another loopback address than the honest: 1,000 connects a second,
// half-open upgrades, messages of 1 MB and nonsense on every path. argv: origin, seconds. Bounded; ends by itself.
import { connect } from 'node:net';
import { WebSocket } from 'ws';

const [origin = '', seconds = '10'] = process.argv.slice(2);
const { hostname, port } = new URL(origin);
const localAddress = '127.0.0.2';
const connectsPerSecond = 1_000;
const tickMs = 20;
const paths = ['/ws', '/ws/session', '/ws/sync', '/ws/viewer', '/ws/device'];
const nonsense = [
  '{',
  '[]',
  '{"type":"join"}',
  JSON.stringify({ type: 'x'.repeat(8_000) }),
  'y'.repeat(1_000_000),
];
const endsAtMs = Date.now() + Number(seconds) * 1000;
let made = 0;

function misbehave(): void {
  made += 1;
  const path = paths[made % paths.length] ?? '/ws';
  if (made % 10 === 0) {
    const socket = connect({ host: hostname, port: Number(port), localAddress });
    socket.on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\n`); // and no more
    setTimeout(() => socket.destroy(), 1_000);
    return;
  }
  const socket = new WebSocket(`ws://${hostname}:${port}${path}`, { localAddress });
  socket.on('error', () => {});
  socket.on('open', () => {
    socket.send(nonsense[made % nonsense.length] ?? '');
    setTimeout(() => socket.terminate(), 500);
  });
}

const timer = setInterval(() => {
  if (Date.now() < endsAtMs)
    for (let count = 0; count < (connectsPerSecond * tickMs) / 1000; count += 1) misbehave();
  else {
    clearInterval(timer);
    console.log(JSON.stringify({ connects: made }));
    setTimeout(() => process.exit(0), 1_500);
  }
}, tickMs);
