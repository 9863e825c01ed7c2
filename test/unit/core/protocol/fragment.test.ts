import fc from 'fast-check';
import t from 'tap';
import { decodeFragment, encodeFragment, type Fragment, fragmentHeader } from '#core/protocol/fragment.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 });
const header = fc.oneof(
  fc.record({
    kind: fc.constant('init' as const),
    pipelineId: text,
    codecs: text,
    width: fc.nat(4_096),
    height: fc.nat(4_096),
  }),
  fc.record({
    kind: fc.constant('part' as const),
    pipelineId: text,
    sequence: fc.nat(),
    independent: fc.boolean(),
    durationSeconds: fc.double({ min: 0.001, max: 10, noNaN: true }),
    capturedAtMs: fc.double({ min: 0, max: 4e12, noNaN: true, noDefaultInfinity: true }),
  }),
);

/** Decodes, or names the error; anything but the documented ones is a failure. */
function attempt(message: Uint8Array): Fragment | string {
  try {
    return decodeFragment(message);
  } catch (error) {
    const name = error instanceof Error ? error.name : String(error);
    if (!['RangeError', 'SyntaxError', 'ZodError', '$ZodError'].includes(name)) throw error;
    return name;
  }
}

t.test('what is encoded decodes to the same', (t) => {
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 200 }), (head, bytes) => {
      const decoded = decodeFragment(encodeFragment({ header: head, bytes }));
      return (
        JSON.stringify(decoded.header) === JSON.stringify(fragmentHeader.parse(head)) &&
        Buffer.from(decoded.bytes).equals(Buffer.from(bytes))
      );
    }),
  );
  t.end();
});

t.test('a message inside a larger buffer is read where it lies, without a copy', (t) => {
  const head = { kind: 'init', pipelineId: 'p', codecs: 'avc1', width: 2, height: 2 } as const;
  const message = encodeFragment({ header: head, bytes: new Uint8Array([1, 2, 3]) });
  const pool = new Uint8Array(message.length + 16).fill(0xff);
  pool.set(message, 7);
  const decoded = decodeFragment(pool.subarray(7, 7 + message.length));
  t.same(decoded.header, head);
  t.same([...decoded.bytes], [1, 2, 3]);
  t.equal(decoded.bytes.buffer, pool.buffer);
  t.end();
});

t.test('any bytes at all end in a fragment or in one of the documented errors', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => attempt(bytes) !== undefined));
  t.end();
});

t.test('a message that is cut anywhere in its header is refused, one bit wrong never crashes', (t) => {
  const head = {
    kind: 'part',
    pipelineId: 'p',
    sequence: 1,
    independent: true,
    durationSeconds: 0.2,
    capturedAtMs: 5,
  } as const;
  const message = encodeFragment({ header: head, bytes: new Uint8Array(0) });
  for (let length = 0; length < message.length; length += 1) {
    if (attempt(message.subarray(0, length)) !== 'RangeError') t.fail(`cut to ${length}`);
  }
  for (let bit = 0; bit < message.length * 8; bit += 1) {
    const wrong = message.slice();
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    attempt(wrong);
  }
  t.end();
});

const hostile: [string, unknown][] = [
  ['an unknown kind', { kind: 'trailer', pipelineId: 'p' }],
  ['no kind', {}],
  ['a list', []],
  ['null', null],
  [
    'a part of no length',
    { kind: 'part', pipelineId: 'p', sequence: 1, independent: true, durationSeconds: 0, capturedAtMs: 1 },
  ],
  [
    'a number as text',
    { kind: 'part', pipelineId: 'p', sequence: '1', independent: true, durationSeconds: 1, capturedAtMs: 1 },
  ],
  ['half a picture', { kind: 'init', pipelineId: 'p', codecs: 'x', width: 1.5, height: 1 }],
];
for (const [what, wrong] of hostile) {
  t.test(`a header with ${what} is refused`, (t) => {
    const json = new TextEncoder().encode(JSON.stringify(wrong));
    const message = new Uint8Array(4 + json.length);
    new DataView(message.buffer).setUint32(0, json.length);
    message.set(json, 4);
    t.match(attempt(message), /ZodError/);
    t.end();
  });
}
