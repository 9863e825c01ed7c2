import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { Appliance } from '../support/appliance.ts';
import { addressOf, attack, greet, HonestClient, open } from '../support/fuzz-client.ts';
import { sampleFrames } from '../support/fuzz-messages.ts';
import { type FuzzPath, fuzzPaths } from '../support/fuzz-paths.ts';

// Hostile clients on every path of a running appliance, with honest ones beside them. `make fuzz` sends more.

const thorough = process.env.ONAIR_FUZZ_COUNT !== undefined;
const count = Number(process.env.ONAIR_FUZZ_COUNT ?? 5_000);
const seed = Number(process.env.ONAIR_FUZZ_SEED || (thorough ? Date.now() % 2 ** 31 : 20_260_102));
const connectSeconds = thorough ? 10 : 1;
const atOnce = 8;

/** Codes that mean what they say; 1011 would be a fault of the box, 1006 a connection that just broke. */
const honourableCodes = new Set([1000, 1003, 1005, 1006, 1007, 1008, 1009]);

const appliance = await Appliance.start({ settings: { viewing: { maxViewers: 5_000 } } });
t.teardown(() => appliance.close());
// The console is no part of being ready, and may come a moment later.
const pidsBefore = pids(await appliance.until(({ daemons }) => daemons.console?.up === true));
const residentBefore = await residentMegabytes();
const hostile = await fuzzPaths(appliance, 'hostile');
const honest = await fuzzPaths(appliance, 'honest');
const honestClients = await Promise.all(honest.paths.map((path) => HonestClient.join(path)));
t.teardown(() => {
  for (const client of honestClients) client.close();
});

t.test(`${count} messages with seed ${seed}`, { timeout: 1_500_000 }, async (t) => {
  t.comment(`ONAIR_FUZZ_COUNT=${count} ONAIR_FUZZ_SEED=${seed}`);
  for (const path of hostile.paths) {
    const { sent, clients, codes } = await attackPath(t, path, Math.ceil((count * path.share) / 100));
    t.ok(
      sent >= (count * path.share) / 100,
      `${path.name}: ${sent} messages by ${clients} clients; ${codes}`,
    );
  }
  await stillServed(t);
});

/** Sends so many frames to a path, several clients at once. */
async function attackPath(t: Test, path: FuzzPath, frames: number) {
  const codes = new Map<number | null, number>();
  let [sent, clients] = [0, 0];
  const turn = async (): Promise<void> => {
    while (sent < frames) {
      clients += 1;
      const client = clients;
      const batch = sampleFrames(path.examples, path.messagesPerClient, seed + client);
      if (path.lastExamples) batch.push(...sampleFrames(path.lastExamples, 1, seed + client));
      const outcome = await attack(path, batch, client);
      sent += outcome.sent;
      codes.set(outcome.closeCode, (codes.get(outcome.closeCode) ?? 0) + 1);
      if (outcome.unknown.length > 0) t.fail(`${path.name} said ${outcome.unknown[0]?.slice(0, 300)}`);
      if (!honourableCodes.has(outcome.closeCode ?? 0))
        t.fail(`${path.name} closed with ${outcome.closeCode}`);
    }
  };
  // A device has one connection at a time.
  await Promise.all(Array.from({ length: path.name === 'signaling-device' ? 1 : atOnce }, turn));
  return { sent, clients, codes: [...codes].map(([code, times]) => `${code}: ${times}`).join(', ') };
}

async function stillServed(t: Test): Promise<void> {
  for (const client of honestClients) {
    const tookMs = await client.served();
    t.ok(
      tookMs < 2_000,
      `the honest client of ${client.path.name} is answered after ${tookMs.toFixed(0)} ms`,
    );
  }
}

t.test('binary and fragmented frames', async (t) => {
  for (const path of hostile.paths) {
    const socket = await open(path, 1);
    await greet(socket, path, 1);
    const text = JSON.stringify(path.question);
    const answered = answerTo(socket, path);
    for (const part of text.slice(0, -1)) socket.send(part, { fin: false, binary: false });
    socket.send(text.slice(-1), { fin: true, binary: false });
    await answered;
    t.pass(`${path.name}: a message in ${text.length} fragments is one message`);
    const closed = once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
    socket.send(Buffer.from([0xff, 0xfe, 0xc0]), { binary: false });
    t.match(await closed, [1007], `${path.name}: text that is no UTF-8`);
  }
  await stillServed(t);
});

/** The answer to the path's question; rejects where the connection ends first. */
function answerTo(socket: WebSocket, path: FuzzPath): Promise<void> {
  return new Promise((resolve, reject) => {
    const { isAnswer } = path;
    if (isAnswer === null) {
      socket.once('pong', () => resolve());
      setImmediate(() => socket.ping()); // behind the message that is sent in this turn
    } else {
      socket.on('message', (data) => {
        if (isAnswer(JSON.parse(String(data)))) resolve();
      });
    }
    socket.once('close', (code) => reject(new Error(`${path.name}: closed with ${code}`)));
    socket.once('error', reject);
  });
}

t.test('messages of 1 MB, whole and in endless fragments', async (t) => {
  for (const path of hostile.paths) {
    for (const fragments of [1, 64]) {
      const socket = await open(path, 2);
      socket.on('error', () => {});
      const closed = once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
      const part = 'x'.repeat(2 ** 20 / fragments);
      for (let index = 0; index < fragments; index += 1) {
        if (socket.readyState !== WebSocket.OPEN) break;
        socket.send(part, { fin: index === fragments - 1, binary: false });
      }
      const [code] = await closed;
      t.equal(code, 1009, `${path.name}, ${fragments} fragment(s)`);
    }
  }
  await stillServed(t);
});

t.test('connections that say nothing, or half of something', async (t) => {
  const port = Number(new URL(await appliance.origin()).port);
  const silent: Socket[] = [];
  const opening = (path: FuzzPath): string => {
    const { pathname, search } = new URL(path.url);
    return [
      `GET ${pathname}${search} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      ...Object.entries(path.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n');
  };
  for (const path of hostile.paths) {
    for (let index = 0; index < 20; index += 1) {
      const socket = connect({ port, host: '127.0.0.1', localAddress: addressOf(index) });
      socket.on('error', () => {});
      silent.push(socket);
      if (index % 4 === 0) socket.write(opening(path).slice(0, 40));
      else socket.write(opening(path));
      if (index % 4 === 2) socket.write(Buffer.from([0x81, 0xfe, 0x01])); // a frame that never comes
      if (index % 4 === 3) socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x00, 0x01])); // no frame at all
    }
  }
  await Promise.all(silent.map((socket) => once(socket, 'connect').catch(() => {})));
  await stillServed(t);
  for (const socket of silent) socket.destroy();
});

t.test(`1,000 connects a second for ${connectSeconds} s`, { timeout: 60_000 }, async (t) => {
  const url = hostile.paths.at(-1)?.url ?? '';
  let [accepted, refused, broken] = [0, 0, 0];
  const pending = new Set<Promise<void>>();
  const knock = (client: number): void => {
    // Half of them from one address: that one is slowed down, the others aren't.
    const socket = new WebSocket(url, { localAddress: client % 2 ? '127.0.0.1' : addressOf(client) });
    const done = new Promise<void>((resolve) => {
      socket.once('open', () => {
        accepted += 1;
        socket.terminate();
        resolve();
      });
      socket.once('unexpected-response', (request, response) => {
        refused += 1;
        if (response.statusCode !== 429) t.fail(`refused with ${response.statusCode}`);
        request.destroy();
        resolve();
      });
      socket.on('error', () => {
        broken += 1;
        resolve();
      });
    });
    pending.add(done);
    void done.then(() => pending.delete(done));
  };
  const startedAtMs = performance.now();
  let knocked = 0;
  while (knocked < connectSeconds * 1_000) {
    const due = Math.min(connectSeconds * 1_000, performance.now() - startedAtMs);
    while (knocked < due) {
      knocked += 1;
      knock(knocked);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await stillServed(t);
  await Promise.all(pending);
  const tookMs = performance.now() - startedAtMs;
  t.comment(
    `${accepted} accepted, ${refused} refused with 429, ${broken} broken, in ${tookMs.toFixed(0)} ms`,
  );
  t.equal(accepted + refused, knocked, 'each was let in, or told why not');
  t.ok(accepted >= knocked / 2, 'other addresses than the one that knocks too often are let in');
});

t.test('nothing is left behind', { timeout: 60_000 }, async (t) => {
  await stillServed(t);
  for (const client of honestClients) client.close();
  for (const room of [...hostile.rooms, ...honest.rooms])
    await appliance.call('DELETE', `/api/v1/rooms/${room}`);
  const { rooms } = (await appliance.call('GET', '/api/v1/rooms')) as { rooms: { members: unknown[] }[] };
  t.strictSame(
    rooms.map(({ members }) => members.length),
    [0],
    'main is there, and nobody in it',
  );
  const status = await appliance.until(({ audience }) => audience.viewers === 0);
  t.strictSame(pids(status), pidsBefore, 'no daemon was started again');
  t.equal(await connections(0), 0, 'web sockets');
  const resident = await residentMegabytes();
  t.comment(`control: ${residentBefore.toFixed(0)} MB before, ${resident.toFixed(0)} MB after`);
  t.ok(resident < residentBefore + 150, 'memory is as much as a heap swings that nobody hurries');
  for (const daemon of ['control', 'egress']) {
    const log = await readFile(join(appliance.stateDirectory, 'logs', `${daemon}.log`), 'utf8');
    const faults = log.split('\n').filter((line) => /"level":(50|60)|unexpected|uncaught/i.test(line));
    t.strictSame(faults.slice(0, 3), [], `no fault in the log of ${daemon}`);
  }
});

/** Of control. */
async function residentMegabytes(): Promise<number> {
  const { pid } = (await appliance.status()).daemons.control ?? {};
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) * 1024) / 1e6;
}

/** Web sockets that the box has, once they are as many as expected, or after 5 s. */
async function connections(expected: number): Promise<number> {
  const deadlineMs = performance.now() + 5_000;
  for (;;) {
    const text = await (await fetch(`${await appliance.origin()}/metrics`)).text();
    const found = [...text.matchAll(/^onair_websocket_connections\{[^}]*\} (\d+)/gm)];
    const sum = found.reduce((total, [, value]) => total + Number(value), 0);
    if (found.length > 0 && (sum === expected || performance.now() > deadlineMs)) return sum;
  }
}

function pids({ daemons }: { daemons: Record<string, { pid: number | null }> }): (number | null)[] {
  return Object.values(daemons).map(({ pid }) => pid);
}
