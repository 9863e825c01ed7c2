import type { GuestShell } from './guest-shell.ts';

export interface SeenInNetwork {
  /** What the name resolves to. */
  address: string | null;
  services: { name: string; port: number; text: Record<string, string> }[];
  /** What is served at that address, asked for by that name. */
  page: string;
}

/**
 * Another machine on the box's cable: a network namespace in the guest, with nothing but a link to the box. Multicast DNS
 * (RFC 6762) is spoken by hand there, so that no program of the box's own answers for it.
 */
export async function resolveInSecondNetwork(shell: GuestShell, hostname: string): Promise<SeenInNetwork> {
  await shell.run(`
    ip netns add laptop
    ip link add to-laptop type veth peer name to-box netns laptop
    nmcli device set to-laptop managed no 2>/dev/null || true
    ip address add 10.77.0.1/24 dev to-laptop
    ip link set to-laptop up
    ip -n laptop address add 10.77.0.2/24 dev to-box
    ip -n laptop link set lo up
    ip -n laptop link set to-box up
    ip -n laptop route add default via 10.77.0.1 dev to-box`);
  try {
    const script = query.replace('HOSTNAME', hostname);
    const found = await shell.run('ip netns exec laptop node --input-type=module -', {
      input: script,
      withinMs: 120_000,
    });
    return JSON.parse(found) as SeenInNetwork;
  } finally {
    await shell.run('ip link delete to-laptop; ip netns delete laptop');
  }
}

/** Asks for the name's address and for web services until both are known or a minute has passed. */
const query = `
import { createSocket } from 'node:dgram';
import { get } from 'node:http';
const wanted = 'HOSTNAME.local';
const label = (text) => { const bytes = Buffer.from(text); return Buffer.concat([Buffer.from([bytes.length]), bytes]); };
const nameOf = (text) => Buffer.concat([...text.split('.').map(label), Buffer.from([0])]);
const question = (name, type) => Buffer.concat([nameOf(name), Buffer.from([0, type, 0, 1])]);
const packet = Buffer.concat([
  Buffer.from([0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]), question(wanted, 1), question('_http._tcp.local', 12)]);
const readName = (message, at) => {
  const labels = []; let end = null;
  for (let jumps = 0; jumps < 20; ) {
    const length = message[at];
    if (length === 0) return [labels, end ?? at + 1];
    if (length >= 0xc0) { end ??= at + 2; at = message.readUInt16BE(at) & 0x3fff; jumps += 1; continue; }
    labels.push(message.toString('utf8', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return [labels, at];
};
const found = { address: null, services: new Map() };
const service = (labels) => {
  const key = labels.join('.');
  if (!found.services.has(key)) found.services.set(key, { name: labels[0], port: 0, text: {} });
  return found.services.get(key);
};
const read = (message) => {
  let at = 12;
  for (let left = message.readUInt16BE(4); left > 0; left -= 1) at = readName(message, at)[1] + 4;
  const count = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
  for (let left = count; left > 0; left -= 1) {
    const [labels, end] = readName(message, at);
    const type = message.readUInt16BE(end), length = message.readUInt16BE(end + 8), data = end + 10;
    const name = labels.join('.');
    if (type === 1 && name.toLowerCase() === wanted) found.address = [...message.subarray(data, data + 4)].join('.');
    if (type === 33 && name.endsWith('_http._tcp.local')) service(labels).port = message.readUInt16BE(data + 4);
    if (type === 16 && name.endsWith('_http._tcp.local'))
      for (let from = data; from < data + length; from += 1 + message[from]) {
        const [key, ...value] = message.toString('utf8', from + 1, from + 1 + message[from]).split('=');
        if (key) service(labels).text[key] = value.join('=');
      }
    at = data + length;
  }
};
const socket = createSocket({ type: 'udp4', reuseAddr: true });
const complete = () => found.address && [...found.services.values()].some(({ port, text }) => port > 0 && 'path' in text);
const finish = () => {
  clearInterval(asking); clearTimeout(bound); socket.close();
  const page = new Promise((resolve) => {
    if (!found.address) return resolve('');
    get({ host: found.address, path: '/', headers: { host: wanted }, timeout: 60000 }, (response) => {
      let text = ''; response.on('data', (chunk) => { text += chunk; }).on('end', () => resolve(text));
    }).on('error', (error) => resolve(String(error)));
  });
  page.then((text) => console.log(JSON.stringify({ address: found.address, services: [...found.services.values()], page: text })));
};
let asking, bound;
socket.on('message', (message) => { try { read(message); } catch {} if (complete()) finish(); });
socket.bind(5353, () => {
  socket.addMembership('224.0.0.251', '10.77.0.2');
  socket.setMulticastInterface('10.77.0.2');
  const ask = () => socket.send(packet, 5353, '224.0.0.251');
  ask(); asking = setInterval(ask, 1000);
  bound = setTimeout(finish, 60000);
});
`;
