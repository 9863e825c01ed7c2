import t from 'tap';
import { FrameMeter } from '#control/sockets/frame-meter.ts';

function frame(opcode: number, payload: Buffer, final = true): Buffer {
  const { length } = payload;
  const first = (final ? 0x80 : 0) | opcode;
  const header =
    length < 126
      ? Buffer.from([first, 0x80 | length])
      : length < 65_536
        ? Buffer.from([first, 0x80 | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([first, 0x80 | 127, 0, 0, 0, 0]), lengthOf(length)]);
  return Buffer.concat([header, Buffer.from('mask'), payload]);
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

const text = (length: number): Buffer => Buffer.alloc(length, 0x8a); // looks like a header wherever it is read as one

t.test('between messages nothing is held, however the bytes come', async (t) => {
  const messages = [
    frame(1, text(5)),
    frame(1, text(0)),
    Buffer.concat([frame(1, text(200), false), frame(9, text(125)), frame(0, text(70_000))]),
    frame(10, text(0)),
    frame(2, text(65_536)),
  ];
  const whole = Buffer.concat([...messages, ...messages]);
  for (const pieceBytes of [1, 2, 3, 7, 125, 1_460, 65_536, whole.length]) {
    const meter = new FrameMeter();
    for (let at = 0; at < whole.length; at += pieceBytes) meter.note(whole.subarray(at, at + pieceBytes), at);
    t.same([meter.cost, meter.sinceMs], [0, null], `in pieces of ${pieceBytes}`);
  }
});

t.test('an unfinished message is known by its bytes and its beginning', async (t) => {
  const meter = new FrameMeter();
  meter.note(frame(1, text(60_000), false), 1_000);
  const first = meter.cost;
  t.ok(first >= 60_000 && first < 62_000, `${first}`);
  meter.note(frame(10, text(0)), 2_000);
  t.equal(meter.sinceMs, 1_000, 'a pong is no end of it');
  meter.note(frame(0, text(60_000), false), 3_000);
  t.ok(meter.cost >= 120_000);
  meter.note(frame(0, text(1)), 4_000);
  t.same([meter.cost, meter.sinceMs], [0, null]);
  meter.note(frame(1, text(100)).subarray(0, 50), 5_000);
  t.equal(meter.sinceMs, 5_000, 'half a frame');
  const half = new FrameMeter();
  half.note(Buffer.from([0x81]), 6_000);
  t.equal(half.sinceMs, 6_000, 'half a header');
});

t.test('a message in single bytes costs what each of them takes', async (t) => {
  const meter = new FrameMeter();
  const bytes = frame(1, text(1_000)).subarray(0, 900);
  for (const byte of bytes) meter.note(Buffer.from([byte]), 0);
  t.ok(meter.cost > 200 * bytes.length, `${meter.cost}`);
  const empty = new FrameMeter();
  empty.note(
    Buffer.concat(Array.from({ length: 1_000 }, (_, index) => frame(index ? 0 : 1, text(0), false))),
    0,
  );
  t.ok(empty.cost > 200_000, 'nothing in many frames, too');
});
