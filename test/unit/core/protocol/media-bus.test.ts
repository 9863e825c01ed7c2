import t from 'tap';
import {
  BusError,
  type BusMessage,
  type BusRequest,
  encodeBusMessage,
  encodeBusRequest,
} from '#core/protocol/media-bus.ts';
import { BusReader } from '#core/protocol/media-bus-reader.ts';

const bytes = (...values: number[]) => new Uint8Array(values);
const messages: BusMessage[] = [
  {
    kind: 'stream',
    stream: {
      width: 1280,
      height: 720,
      framesPerSecond: 29.97,
      bitrateKbps: 3_000,
      avcConfiguration: bytes(1, 0x42, 0xc0, 0x1f, 0xff),
      sound: [
        { codec: 'aac', sampleRate: 48_000, channels: 2, configuration: bytes(0x11, 0x90) },
        { codec: 'opus', sampleRate: 48_000, channels: 2, configuration: new Uint8Array(19) },
      ],
    },
  },
  {
    kind: 'video',
    video: { key: true, slate: false, pts: 2 ** 50, dts: 2 ** 50 - 3_000, bytes: bytes(1, 2) },
  },
  { kind: 'video', video: { key: false, slate: true, pts: 5, dts: 4, bytes: new Uint8Array(70_000) } },
  { kind: 'audio', audio: { codec: 'opus', slate: true, pts: 7, duration: 1_800, bytes: bytes(9) } },
  { kind: 'lost', pictures: 60, soundFrames: 94 },
  { kind: 'off' },
];
const requests: BusRequest[] = [
  { kind: 'subscribe', name: 'Wohnzimmer ü', wants: { video: true, sound: ['aac'] }, keyFrame: true },
  { kind: 'subscribe', name: '', wants: { video: false, sound: ['aac', 'opus'] }, keyFrame: false },
  { kind: 'key-frame' },
];

/** All that a reader makes of these bytes, given in pieces of one length. */
function readInPieces<Decoded>(reader: BusReader<Decoded>, all: Uint8Array, length: number): Decoded[] {
  const decoded: Decoded[] = [];
  for (let at = 0; at < all.length; at += length) decoded.push(...reader.push(all.subarray(at, at + length)));
  return decoded;
}
/** Bytes as text, so that a view and a copy compare. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

function refused(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (error) {
    return error instanceof BusError;
  }
}

t.test('messages and requests are read as they were written, however they are cut', async (t) => {
  for (const length of [1, 3, 4, 5, 1_000, 1_000_000]) {
    const all = Buffer.concat(messages.map(encodeBusMessage));
    t.strictSame(
      plain(readInPieces(BusReader.ofMessages(), all, length)),
      plain(messages),
      `messages in pieces of ${length}`,
    );
    t.strictSame(
      readInPieces(BusReader.ofRequests(), Buffer.concat(requests.map(encodeBusRequest)), length),
      requests,
      `requests in pieces of ${length}`,
    );
  }
});

t.test('what is no message is refused', async (t) => {
  const wrong: [string, Uint8Array][] = [
    ['a length of 0', bytes(0, 0, 0, 0, 1)],
    ['a length beyond any frame', bytes(0xff, 0, 0, 0, 2)],
    ['an unknown kind', bytes(0, 0, 0, 1, 99)],
    ['a picture without its times', bytes(0, 0, 0, 3, 2, 1, 0)],
    ['an unknown codec', bytes(0, 0, 0, 15, 3, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['a stream that ends in its configuration', bytes(0, 0, 0, 16, 1, ...new Array(12).fill(0), 255, 255, 0)],
  ];
  for (const [what, message] of wrong)
    t.ok(
      refused(() => BusReader.ofMessages().push(message)),
      what,
    );
  t.ok(
    refused(() => BusReader.ofRequests().push(bytes(0, 1, 0, 0, 65))),
    'a request longer than any is refused by its length',
  );
});
