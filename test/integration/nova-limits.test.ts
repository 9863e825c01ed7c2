import { connect, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { NovaBox } from '../support/nova-box.ts';
import type { NovaClient } from '../support/nova-client.ts';

// nova.md, "Message Parsing Error", "Message Size Limits", "Backpressure Handling", and the codes of "Error Messages".

const maxBytes = 256 * 1024;

async function open(t: Test): Promise<{ box: NovaBox; viewer: NovaClient }> {
  const box = await NovaBox.start();
  t.teardown(() => box.close());
  return { box, viewer: await box.join() };
}

const time = '2026-01-02T03:04:05.000Z';
const report = {
  issue_type: 'lag',
  severity: 'low',
  description: 'late',
  client_info: { player: 'p', browser: 'b', os: 'o', network: 'n', bandwidth_estimate_kbps: 1 },
};

t.test('what cannot be parsed: PROTOCOL_ERROR, then close code 1003', async (t) => {
  const cases: Record<string, string | Buffer> = {
    'not JSON': 'hello',
    'half of JSON': '{"event": "pong"',
    nothing: '',
    null: 'null',
    'a number': '1',
    'a list': '[{"event":"pong","data":{}}]',
    'a binary frame': Buffer.from(JSON.stringify({ event: 'pong', data: { timestamp: time } })),
    'an unknown event': '{"event":"subscribe","data":{}}',
    'a message of the server': `{"event":"ping","data":{"sequence":1,"timestamp":"${time}"}}`,
    'no event': `{"data":{"timestamp":"${time}"}}`,
    'no data': '{"event":"pong"}',
    'pong without timestamp': '{"event":"pong","data":{"sequence":1}}',
    'pong at no time': '{"event":"pong","data":{"timestamp":"soon"}}',
    'pong with a text as sequence': `{"event":"pong","data":{"sequence":"1","timestamp":"${time}"}}`,
    'get_stream_info without request_id': '{"event":"get_stream_info","data":{}}',
    'get_stream_info with an endless request_id': `{"event":"get_stream_info","data":{"request_id":"${'x'.repeat(257)}"}}`,
    'report_issue of no such type': JSON.stringify({
      event: 'report_issue',
      data: { ...report, issue_type: 'boring' },
    }),
    'report_issue without client_info': JSON.stringify({
      event: 'report_issue',
      data: { ...report, client_info: undefined },
    }),
    'a prototype in place of an event': '{"event":"__proto__","data":{"__proto__":{"timestamp":"x"}}}',
  };
  const { box } = await open(t);
  for (const [name, text] of Object.entries(cases)) {
    const viewer = await box.join();
    viewer.socket.send(text);
    t.equal((await viewer.closed()).code, 1003, name);
    t.match(viewer.all('error'), [{ error_code: 'PROTOCOL_ERROR', severity: 'error', recoverable: false }]);
  }
  t.same(box.reports.latest, []);
});

t.test('after that nothing more is read', async (t) => {
  const { box, viewer } = await open(t);
  viewer.socket.send('nonsense');
  for (let each = 0; each < 5; each += 1) viewer.send({ event: 'report_issue', data: report });
  await viewer.closed();
  t.same(box.reports.latest, []);
});

t.test('others are not harmed by one that talks nonsense', async (t) => {
  const { box, viewer } = await open(t);
  const hostile = await box.join();
  hostile.socket.send('{');
  await hostile.closed();
  await box.viewers(1);
  box.goLive();
  await viewer.next('stream_started');
  t.equal(viewer.closedWith, null);
});

t.test('a message of 256 KB is read, one byte more closes with 1009', async (t) => {
  const { box, viewer } = await open(t);
  const envelope = JSON.stringify({ event: 'report_issue', data: { ...report, description: '' } });
  const description = 'ä'.repeat((maxBytes - envelope.length) / 2);
  const fits = JSON.stringify({ event: 'report_issue', data: { ...report, description } });
  const pad = ' '.repeat(maxBytes - Buffer.byteLength(fits));
  t.equal(Buffer.byteLength(fits + pad), maxBytes);
  viewer.socket.send(fits + pad);
  await viewer.settle();
  t.equal(box.reports.latest[0]?.description, 'ä'.repeat(2_000), 'and kept within bounds');
  viewer.socket.send(`${fits}${pad} `);
  t.equal((await viewer.closed()).code, 1009);
});

t.test('too many messages: RATE_LIMITED, and the connection stays', async (t) => {
  const { box, viewer } = await open(t);
  for (let each = 0; each < 60; each += 1) viewer.pong();
  const error = await viewer.next('error');
  t.match(error, { error_code: 'RATE_LIMITED', severity: 'warning', recoverable: true });
  box.clock.advance(10_000);
  await viewer.settle();
  t.equal(viewer.closedWith, null);
});

t.test('a client that goes on all the same is closed with 1008', async (t) => {
  const { viewer } = await open(t);
  for (let each = 0; each < 200; each += 1) viewer.pong();
  t.equal((await viewer.closed()).code, 1008);
  t.ok(viewer.all('error').every(({ error_code }) => error_code === 'RATE_LIMITED'));
});

t.test('too many reports: RATE_LIMITED, and no more are kept', async (t) => {
  const { box, viewer } = await open(t);
  for (let each = 0; each < 12; each += 1) viewer.send({ event: 'report_issue', data: report });
  await viewer.settle();
  t.equal(box.reports.latest.length, 10);
  t.equal(viewer.all('error').length, 2);
  t.match(viewer.all('error')[0], { error_code: 'RATE_LIMITED', suggested_action: /minute/ });
  box.clock.advance(59_000);
  viewer.pong();
  await viewer.settle();
  box.clock.advance(1_000);
  viewer.send({ event: 'report_issue', data: report });
  await viewer.settle();
  t.equal(box.reports.latest.length, 11);
});

t.test('a fault of the box is SERVER_ERROR, without its details', async (t) => {
  const { box, viewer } = await open(t);
  box.reports.events.on('issueReported', () => {
    throw new Error('secret detail of the inside');
  });
  viewer.send({ event: 'report_issue', data: report });
  t.match(await viewer.next('error'), { error_code: 'SERVER_ERROR', severity: 'error', recoverable: true });
  t.notMatch(JSON.stringify(viewer.received), /secret detail/);
  await viewer.settle();
  t.equal(viewer.closedWith, null);
});

t.test('an encoder that cannot keep up is BUFFER_OVERFLOW', async (t) => {
  const { box, viewer } = await open(t);
  box.goLive();
  for (let each = 0; each <= 6; each += 1) {
    box.encoderLoad.observe({ measured: 12, wanted: 30 });
    box.clock.advance(500);
    box.broadcast.seePicture();
  }
  t.match(await viewer.next('error'), {
    error_code: 'BUFFER_OVERFLOW',
    error_message: /encoder/,
    severity: 'warning',
    recoverable: true,
  });
});

interface Frame {
  event: string;
  data: Record<string, unknown>;
}

/** A client that stops reading: the upgrade by hand, on a socket of its own. */
async function slowClient(box: NovaBox): Promise<Socket> {
  const url = new URL(box.url({ token: await box.token() }));
  const socket = connect(box.port, '127.0.0.1');
  socket.write(
    `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const first = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.pause();
  socket.unshift(first.subarray(first.indexOf('\r\n\r\n') + 4));
  return socket;
}

/** Reads again, up to and with the frame that satisfies. */
async function readUntil(socket: Socket, last: (frame: Frame) => boolean): Promise<Frame[]> {
  return await new Promise((resolve, reject) => {
    const frames: Frame[] = [];
    const timer = setTimeout(() => reject(new Error(`the last of ${frames.length} never came`)), 10_000);
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      let done = false;
      for (let taken = takeFrame(rest); taken; taken = takeFrame(rest)) {
        rest = rest.subarray(taken.size);
        const frame = JSON.parse(taken.text) as Frame;
        frames.push(frame);
        done ||= last(frame);
      }
      if (!done) return;
      clearTimeout(timer);
      resolve(frames);
    });
    socket.resume();
  });
}

/** One unmasked, unfragmented frame with a body of less than 64 KiB (RFC 6455, 5.2); null while it isn't whole. */
function takeFrame(bytes: Buffer): { text: string; size: number } | null {
  if (bytes.length < 4) return null;
  const short = (bytes[1] ?? 0) & 0x7f;
  const header = short === 126 ? 4 : 2;
  const size = header + (short === 126 ? bytes.readUInt16BE(2) : short);
  return bytes.length < size ? null : { text: bytes.toString('utf8', header, size), size };
}

t.test(
  'a client that reads nothing loses the oldest of 100 messages, and is told BUFFER_OVERFLOW',
  async (t) => {
    const { box } = await open(t);
    const socket = await slowClient(box);
    t.teardown(() => socket.destroy());
    // Quality changes: one message each, until the system's own buffers are full and the backlog overflows.
    box.goLive();
    let told = 0;
    while (box.sockets.droppedMessages < 40) {
      told += 1;
      box.quality.declareCause('adaptive_bitrate');
      box.quality.observe({ width: 1280, height: 720, framesPerSecond: 30, bitrateKbps: 10_000 + told });
      if (told % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (told > 200_000) throw new Error('the backlog never overflows');
    }
    const dropped = box.sockets.droppedMessages;
    const newest = 10_000 + told;
    const messages = await readUntil(socket, ({ data }) => data.new_bitrate_kbps === newest);
    const changes = messages.filter(({ event }) => event === 'quality_changed');
    t.equal(changes.length, told - dropped, 'what was not dropped has come');
    const gap = messages.findIndex(({ event }) => event === 'error');
    t.match(messages[gap]?.data, {
      error_code: 'BUFFER_OVERFLOW',
      error_message: new RegExp(`^${dropped} messages were dropped`),
      severity: 'warning',
      recoverable: true,
    });
    const rates = messages.map(({ data }) => data.new_bitrate_kbps as number);
    t.equal(rates[gap + 1], (rates[gap - 1] ?? 0) + dropped + 1, 'the error stands where the gap is');
    t.equal(messages.length - gap - 1, 100, 'and behind it the 100 newest');
    t.equal(rates.at(-1), newest, 'to the last');
  },
);
