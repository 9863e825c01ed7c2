// The least that a server of web sockets can do: a loop that sends one text to all, whenever a client of `/change`
// comes or goes, after as long as the box collects changes. It prints its port.
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

const [text = '', batchMs = '10'] = process.argv.slice(2);
const clients = new Set<WebSocket>();
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
const change = (): void => {
  setTimeout(() => {
    for (const client of clients) client.send(text);
  }, Number(batchMs));
};
server.on('connection', (socket, request) => {
  if (request.url === '/change') {
    change();
    socket.on('close', change);
    return;
  }
  clients.add(socket);
  socket.on('close', () => clients.delete(socket));
});
server.on('listening', () => console.log((server.address() as AddressInfo).port));
