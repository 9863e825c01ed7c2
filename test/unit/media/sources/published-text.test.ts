import t from 'tap';
import { packetText } from '#media/sources/published-text.ts';

const video = { width: 640, height: 360, framesPerSecond: 15, rotate: 0 } as const;
const track = { media: 'video', codec: 'h264', payloadType: 96 } as const;

t.test('packets of H.264, whose parameters the offer has', async (t) => {
  const caps = 'application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload=96';
  const text = packetText({ ...track, parameterSets: 'Z0LA+/k=,aMuM' }, video);
  const sets = ',sprop-parameter-sets=(string)\\"Z0LA+/k=,aMuM\\"';
  t.ok(
    text.startsWith(`appsrc name=input is-live=true format=time max-bytes=0 caps="${caps}${sets}" !`),
    text,
  );
  t.ok(packetText(track, video).includes(`caps="${caps}" ! rtph264depay ! decodebin`));
});

t.test('nothing that a publisher says becomes part of a pipeline unchecked', async (t) => {
  t.throws(() => packetText({ ...track, parameterSets: 'a" ! filesink location="b' }, video), TypeError);
  t.throws(() => packetText({ ...track, codec: 'av1' }, video), TypeError);
  t.throws(() => packetText({ ...track, payloadType: 9.5 }, video), TypeError);
});
