import t from 'tap';
import { box, pli, report } from '#test/support/egress-box.ts';
import { offerText } from '#test/support/offer.ts';
import { beginningUnit, PictureStream, rtpPacket, seen } from '#test/support/rtp-packets.ts';

t.test('from watch_request to pictures', async (t) => {
  const { sessions, said, engine, feed, pictures, join } = box();
  feed(pictures.keyFrame());
  const peer = await join('a');
  t.same(said, [
    ['answered', 'a', 'v=0'],
    ['connected', 'a', 'user-a'],
  ]);
  t.equal(sessions.connected, 1);
  t.equal(beginningUnit(peer.sent[0] ?? Buffer.alloc(16)), 7, 'it begins with the parameter sets');
  t.equal(engine.last.remote.iceUfrag, 'Fu2G');
  sessions.end('a');
  t.equal(peer.closed, true);
  t.equal(peer.sent.at(-1)?.[9], 203, 'the viewer is told goodbye');
  t.equal(sessions.size, 0);
  const sent = peer.sent.length;
  feed(pictures.frame());
  t.equal(peer.sent.length, sent, 'nothing more is sent');
  t.equal(said.length, 2, 'control, who ended it, is told nothing');
});

t.test('nobody begins in the middle of a group of pictures', async (t) => {
  const { clock, feed, pictures, join, keyFramesAsked } = box();
  feed(pictures.keyFrame());
  clock.advance(5_000);
  feed(pictures.frame());
  const peer = await join('a');
  t.same(peer.sent, [], 'the last key frame is too old');
  t.equal(keyFramesAsked(), 2, 'asked for at the offer, and again as it had not come at the connection');
  feed(pictures.frame());
  t.same(peer.sent, []);
  feed(pictures.keyFrame());
  const video = peer.sent.filter((packet) => seen(packet).payloadType === 102);
  t.same(video.map(beginningUnit), [7, 5, null, null]);
});

t.test('a key frame that is there anyway is not asked for', async (t) => {
  const { clock, feed, pictures, join, keyFramesAsked } = box();
  feed(pictures.keyFrame());
  clock.advance(100);
  const peer = await join('a');
  t.equal(keyFramesAsked(), 0);
  t.ok(peer.sent.length >= 4);
});

t.test('each viewer has the payload types of its own offer', async (t) => {
  const { feed, pictures, join, fanOut } = box();
  feed(pictures.keyFrame());
  const one = await join('a');
  const other = await join('b', offerText().replaceAll('102', '45').replaceAll('111', '63'));
  one.sent.length = 0;
  other.sent.length = 0;
  feed(pictures.frame());
  fanOut.take('audio', rtpPacket(Buffer.from([1]), { sequence: 1, timestamp: 960, payloadType: 111 }));
  t.same(
    one.sent.map((packet) => seen(packet).payloadType),
    [102, 102, 111],
  );
  t.same(
    other.sent.map((packet) => seen(packet).payloadType),
    [45, 45, 63],
  );
  t.same(
    other.sent.map((packet) => seen(packet).ssrc),
    [101, 101, 102],
  );
});

t.test('feedback: lost pictures, losses, and only those of our streams', async (t) => {
  const { sessions, feed, pictures, join, keyFramesAsked } = box();
  feed(pictures.keyFrame());
  const { events } = await join('a');
  t.equal(sessions.takeLossRatio(), null, 'nothing reported is not "no loss"');
  events.rtcp(report);
  t.equal(sessions.takeLossRatio(), 0.25);
  t.equal(sessions.takeLossRatio(), null);
  events.rtcp(pli);
  t.equal(keyFramesAsked(), 1);
  const ofAnother = Buffer.from(pli);
  ofAnother.writeUInt32BE(999, 8);
  events.rtcp(ofAnother);
  t.equal(keyFramesAsked(), 1);
});

t.test('a missing packet is sent again', async (t) => {
  const { feed, pictures, join } = box();
  feed(pictures.keyFrame());
  const peer = await join('a');
  const lost = peer.sent[2] ?? Buffer.alloc(12);
  const nack = Buffer.from('81cd0003000000090000006500000000', 'hex');
  nack.writeUInt16BE(seen(lost).sequence, 12);
  peer.sent.length = 0;
  peer.events.rtcp(nack);
  t.same(peer.sent, [lost]);
});

t.test('a pipeline that begins again: viewers stay, and their packets go on', async (t) => {
  const { clock, feed, pictures, join } = box();
  feed(pictures.keyFrame());
  const peer = await join('a');
  feed(pictures.frame());
  clock.advance(800);
  const next = new PictureStream({ ssrc: 0x2222_2222, sequence: 50_000 });
  feed(next.keyFrame());
  feed(next.frame());
  const video = peer.sent.filter((packet) => seen(packet).payloadType === 102).map(seen);
  const [first] = video;
  t.same(
    video.map(({ sequence }) => sequence - (first?.sequence ?? 0)),
    video.map((_, at) => at),
    'without a gap',
  );
  t.ok(video.every(({ ssrc }) => ssrc === 101));
  const times = [...new Set(video.map(({ timestamp }) => timestamp))];
  t.equal(((times[2] ?? 0) - (times[0] ?? 0)) >>> 0, 0.8 * 90_000, 'the pause is as long as it was');
});
