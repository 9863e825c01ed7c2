// One address that connects 1,000 times a second to a box's `/ws/sync`, with a word of nonsense. node fan-out-attacker.mjs PORT
import { connect } from 'node:net';

const port = Number(process.argv[2]);
const request = [
  'GET /ws/sync HTTP/1.1',
  `Host: 127.0.0.1:${port}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');
const nonsense = Buffer.concat([Buffer.from([0x81, 0x85, 0, 0, 0, 0]), Buffer.from('{"v":')]);
const startedAtMs = performance.now();
let knocked = 0;
setInterval(() => {
  for (const due = performance.now() - startedAtMs; knocked < due; knocked += 1) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.2.1' });
    socket.on('error', () => {});
    socket.write(request);
    socket.once('data', () => {
      socket.write(nonsense);
      setTimeout(() => socket.destroy(), 20);
    });
  }
}, 5);
console.log('knocking');
