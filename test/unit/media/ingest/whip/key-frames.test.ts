import t from 'tap';
import { KeyFrames } from '#media/ingest/whip/key-frames.ts';

const finder = (codec: 'h264' | 'vp8', hasParameters = false) => {
  const frames = new KeyFrames({ codec, hasParameters });
  return {
    frames,
    begins: (timestamp: number, ...bytes: number[]) => frames.begins(timestamp, Buffer.from(bytes)),
  };
};

t.test('where a key frame of H.264 begins', async (t) => {
  const units: Record<string, number[]> = {
    parameters: [0x67, 0x42],
    'STAP-A with parameters': [0x78, 0, 2, 0x67, 0x42],
    'STAP-A with parameters after a delimiter': [0x78, 0, 2, 0x09, 0x10, 0, 2, 0x67, 0x42],
  };
  for (const [name, bytes] of Object.entries(units)) t.ok(finder('h264').begins(1, ...bytes), name);
  const idr: Record<string, number[]> = {
    'an IDR slice': [0x65, 0x88],
    'the first fragment of one': [0x7c, 0x85],
    'one in STAP-A': [0x78, 0, 2, 0x65, 0x88],
  };
  for (const [name, bytes] of Object.entries(idr)) {
    t.ok(finder('h264', true).begins(1, ...bytes), name);
    t.notOk(finder('h264').begins(1, ...bytes), `${name}, whose parameters nobody knows`);
  }
  const others = [[0x7c, 0x05], [0x41, 0x9a], [0x78, 0, 9], []];
  for (const bytes of others) t.notOk(finder('h264', true).begins(1, ...bytes), `${bytes}`);
});

t.test('it begins once, and once more where something of it is lost', async (t) => {
  const { frames, begins } = finder('h264');
  t.ok(begins(7, 0x67, 0x42));
  t.notOk(begins(7, 0x65, 0x88), 'its picture');
  t.ok(begins(9, 0x65, 0x88), 'another one, with the same parameters');
  frames.lose();
  t.ok(begins(9, 0x67, 0x42));
});

t.test('where a key frame of VP8 begins', async (t) => {
  const vp8 = (...bytes: number[]) => finder('vp8').begins(1, ...bytes);
  t.ok(vp8(0x10, 0x50));
  t.ok(vp8(0x90, 0x80, 0x81, 0x02, 0x50), 'with a picture number of 15 bits');
  t.notOk(vp8(0x10, 0x51), 'an interframe');
  t.notOk(vp8(0x00, 0x50), 'within a frame');
  t.notOk(vp8(0x90, 0x80), 'cut off');
});
