import t from 'tap';
import { FrameReader, maxJsonLineBytes } from '#console/line/frame-reader.ts';
import { decodePacket, encodePacket, improvHeader } from '#console/line/improv-packet.ts';

/** The test vector of the specification: request of the current state. */
const stateRequest = Buffer.from('494d50524f5601030202 00e50a'.replace(' ', ''), 'hex');

function reader() {
  const frames: unknown[] = [];
  const made = new FrameReader({
    keys: (bytes) => frames.push({ keys: Buffer.from(bytes).toString('latin1') }),
    json: (line) => frames.push({ json: line }),
    jsonTooLong: () => frames.push('too long'),
    packet: ({ type, data }) => frames.push({ type, data: Buffer.from(data).toString('hex') }),
    malformedPacket: () => frames.push('malformed'),
  });
  return { made, frames, feed: (bytes: string | Buffer) => made.feed(Buffer.from(bytes)) };
}

t.test('the test vector, there and back', async (t) => {
  const { frames, feed } = reader();
  feed(stateRequest);
  t.same(frames, [{ type: 3, data: '0200' }]);
  const encoded = Buffer.from(encodePacket({ type: 3, data: Buffer.from([2, 0]) }));
  t.equal(encoded.toString('hex'), `0a${stateRequest.toString('hex')}`, 'each on a line of its own');
  t.equal(decodePacket(stateRequest.subarray(improvHeader.length, -2)), null, 'without its checksum');
});

t.test('three speakers, in any chunks', async (t) => {
  const all = Buffer.concat([
    Buffer.from('\r\nstatus\r\n{"a":"ü"}\n'),
    stateRequest,
    Buffer.from('get IMPRO\r[{"b":1}]\r\n'),
    stateRequest,
    Buffer.from('IMP\rx'),
  ]);
  const expected = '\r\nstatus\r\n|{"a":"ü"}|0200|get IMPRO\r|[{"b":1}]|\n|0200|IMP\rx';
  for (const size of [1, 2, 3, 5, 7, 11, 1_000]) {
    const { frames, feed } = reader();
    for (let at = 0; at < all.length; at += size) feed(all.subarray(at, at + size));
    const merged: string[] = [];
    let keys = '';
    for (const frame of frames as Record<string, string>[]) {
      if (frame.keys !== undefined) keys += frame.keys;
      else {
        if (keys) merged.push(keys);
        keys = '';
        merged.push(frame.json ?? frame.data ?? '?');
      }
    }
    t.equal([...merged, keys].join('|'), expected, `${size} bytes at a time`);
  }
});

t.test(
  'a packet is found wherever it begins: after noise, in a line, in half a line of a program',
  async (t) => {
    for (const before of ['noise', 'IMPROV', 'IMPROIMPRO', '{"half', 'II', '\u0000\u0001']) {
      const { frames, feed } = reader();
      feed(Buffer.concat([Buffer.from(before), stateRequest]));
      t.same(frames.at(-1), { type: 3, data: '0200' }, before);
    }
  },
);

t.test('a broken packet costs its line and no more', async (t) => {
  const broken = Buffer.from(stateRequest);
  broken[11] = 0;
  const { frames, feed } = reader();
  feed(Buffer.concat([broken, Buffer.from('{"a":1}\n'), stateRequest]));
  t.same(frames, ['malformed', { json: '{"a":1}' }, { type: 3, data: '0200' }]);
  const long = reader();
  long.feed(Buffer.concat([improvHeader, Buffer.from([3, 40, 1, 38]), Buffer.from('\n{"a":1}\n{"b":2}\n')]));
  t.same(long.frames, [], 'it may still be a packet');
  t.equal(long.made.waiting, true);
  long.made.expire();
  t.same(long.frames, ['malformed', { json: '{"a":1}' }, { json: '{"b":2}' }]);
  t.equal(long.made.waiting, false);
  const both = reader();
  const half = Buffer.concat([improvHeader, Buffer.from([3, 200, 1, 198, 0x0a])]);
  both.feed(Buffer.concat([half, half, Buffer.from('{"a":1}\n')]));
  both.made.expire();
  t.same(both.frames, ['malformed', 'malformed', { json: '{"a":1}' }], 'one in the other');
  const nested = reader();
  nested.feed(Buffer.concat([improvHeader, Buffer.from([3, 9]), stateRequest]));
  t.same(nested.frames, ['malformed', { type: 3, data: '0200' }], 'the packet within');
});

t.test('noise behind a header does not wait for what its length says', async (t) => {
  for (const [name, body] of Object.entries({
    'no type': [0xd4, 200, 1, 2],
    'a state of many bytes': [1, 200, 1, 2],
    'an error of none': [2, 0],
    'a command without a length': [3, 1, 2],
    'a command whose lengths differ': [3, 200, 1, 12],
    'a result whose lengths differ': [4, 200, 1, 12],
  })) {
    const { made, frames, feed } = reader();
    feed(Buffer.concat([improvHeader, Buffer.from(body), Buffer.from('\n{"a":1}\n')]));
    t.same(frames, ['malformed', { json: '{"a":1}' }], name);
    t.equal(made.waiting, false, name);
  }
});

t.test('half a packet swallows no line whose bytes happen to fit its checksum', async (t) => {
  const lines = Buffer.from('\n{"a":1}\n{"b":2}\n');
  const half = (size: number, filler: number) =>
    Buffer.concat([improvHeader, Buffer.from([3, size + 3, 1, size + 1, filler])]);
  for (let size = 1; size < lines.length - 1; size += 1) {
    if (lines[size + 1] === 0x0a) continue; // that is a packet by every sign there is
    const sum = Buffer.concat([half(size, 0), lines.subarray(0, size)]).reduce((total, byte) => total + byte);
    const { made, frames, feed } = reader();
    feed(Buffer.concat([half(size, ((lines[size] ?? 0) - sum) & 0xff), lines]));
    made.expire();
    const read = (frames as { json?: string }[]).flatMap(({ json }) => json ?? []);
    t.same(read, ['{"a":1}', '{"b":2}'], `${size} bytes of them`);
  }
});

t.test('a packet counts with a line end behind it, another packet, or nothing at all', async (t) => {
  const bare = stateRequest.subarray(0, -1);
  const packet = { type: 3, data: '0200' };
  for (const [tail, expected] of [
    ['', [packet]],
    ['\n', [packet]],
    ['\r\n', [packet, { keys: '\r\n' }]],
    [bare, [packet, packet]],
    ['x\n', ['malformed']],
  ] as const) {
    const { made, frames, feed } = reader();
    feed(Buffer.concat([bare, Buffer.from(tail)]));
    t.same(frames, expected, JSON.stringify(tail.toString()));
    t.equal(made.waiting, false);
  }
  const within = reader();
  within.feed(Buffer.concat([improvHeader, Buffer.from([3, 50, 1, 48]), bare]));
  within.made.expire();
  t.same(within.frames, ['malformed', packet], 'the last in half of another');
});

t.test('a person who types an I and waits sees it', async (t) => {
  const { made, frames, feed } = reader();
  feed('I');
  t.same(frames, []);
  made.expire();
  t.same(frames, [{ keys: 'I' }]);
});

t.test('a line without end costs bounded memory, and the next one counts', async (t) => {
  const { frames, feed } = reader();
  feed(`{${'x'.repeat(maxJsonLineBytes - 1)}\n`);
  t.equal((frames[0] as { json: string }).json.length, maxJsonLineBytes, 'the longest');
  feed(`{${'x'.repeat(1_000_000)}`);
  feed('still the same\n{"a":1}\n');
  t.same(frames.slice(1), ['too long', { json: '{"a":1}' }]);
});

t.test('Ctrl-C and Ctrl-U make a fresh line for a program', async (t) => {
  const { frames, feed } = reader();
  feed('half a line{"a":1}\u0003{"b":2}\n');
  t.same(frames, [{ keys: 'half a line{"a":1}\u0003' }, { json: '{"b":2}' }]);
});
