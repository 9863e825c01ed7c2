import t from 'tap';
import { FanOut } from '#egress/rtp/fan-out.ts';
import { SessionClock } from '#egress/rtp/session-clock.ts';
import { maxOffers, maxSessions } from '#egress/watch/limits.ts';
import { WatchSessions } from '#egress/watch/watch-sessions.ts';
import { DrivenClock } from '../support/driven-clock.ts';
import { EngineStandIn } from '../support/egress-engine.ts';
import { offerText } from '../support/offer.ts';
import { beginningUnit, PictureStream, rtpPacket, seen } from '../support/rtp-packets.ts';

const labels = { cname: 'onair', videoSsrc: 101, audioSsrc: 102 };
/** Receiver report of the picture: a quarter lost. */
const report = Buffer.from('81c9000700000009000000654000000000000000000000000000000000000000', 'hex');
const pli = Buffer.from('81ce00020000000900000065', 'hex');

function box() {
  const clock = new DrivenClock();
  const engine = new EngineStandIn();
  const said: unknown[][] = [];
  let keyFramesAsked = 0;
  const fanOut = new FanOut({ clock: new SessionClock(clock), labels, onKeyFrame: () => {} });
  const sessions = new WatchSessions({
    engine,
    fanOut,
    clock,
    reporter: {
      answered: (id, sdp) => said.push(['answered', id, sdp.slice(0, 3)]),
      candidateFound: (id, candidate) => said.push(['candidate', id, candidate]),
      connected: (id, user) => said.push(['connected', id, user]),
      ended: (id, user, reason, message) => said.push(['ended', id, user, reason, message]),
      keyFrameNeeded: () => {
        keyFramesAsked += 1;
      },
    },
  });
  const pictures = new PictureStream();
  return {
    clock,
    engine,
    fanOut,
    sessions,
    said,
    keyFramesAsked: () => keyFramesAsked,
    feed(packets: Buffer[]) {
      for (const packet of packets) fanOut.take('video', packet);
    },
    pictures,
    async join(id: string, sdp = offerText()) {
      sessions.request(id, `user-${id}`, []);
      await sessions.offer(id, sdp);
      engine.last.events.connected();
      return engine.last;
    },
    /** A second of time, with what egress does each second. */
    seconds(count: number) {
      for (let i = 0; i < count; i += 1) {
        clock.advance(1_000);
        sessions.checkDeadlines();
      }
    },
  };
}

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

t.test('dead viewers: silence after reports ends a session within 15 s', async (t) => {
  const { sessions, said, join, seconds } = box();
  const peer = await join('a');
  peer.events.rtcp(report);
  seconds(11);
  t.equal(sessions.size, 1);
  peer.events.rtcp(report);
  seconds(11);
  t.equal(sessions.size, 1, 'a report gives it another 12 s');
  seconds(2);
  t.equal(sessions.size, 0);
  t.equal(peer.closed, true);
  t.match(said.at(-1), ['ended', 'a', 'user-a', 'timeout', /not been heard of/]);
});

t.test('one that never reports is left to ICE; what ICE says ends it', async (t) => {
  const { sessions, said, join, seconds } = box();
  const quiet = await join('a');
  seconds(60);
  t.equal(sessions.size, 1);
  quiet.events.ended('closed');
  t.match(said.at(-1), ['ended', 'a', 'user-a', 'closed']);
  t.equal(quiet.closed, true);
  const failing = await join('b');
  failing.events.ended('failed');
  t.match(said.at(-1), ['ended', 'b', 'user-b', 'error']);
});

t.test('who asks and then does nothing gives the place back', async (t) => {
  const { sessions, said, engine, seconds } = box();
  sessions.request('no-offer', 'u', []);
  sessions.request('no-connection', 'u', []);
  await sessions.offer('no-connection', offerText());
  seconds(16);
  t.match(said.at(-1), ['ended', 'no-connection', 'u', 'timeout', /did not connect/]);
  t.equal(engine.last.closed, true);
  seconds(15);
  t.match(said.at(-1), ['ended', 'no-offer', 'u', 'timeout', /No offer/]);
  t.equal(sessions.size, 0);
});

t.test(
  'an offer that cannot be answered is refused with its reason; an engine that fails is not the offer',
  async (t) => {
    const { sessions, said, engine } = box();
    sessions.request('a', 'u', []);
    await sessions.offer('a', offerText({ video: 'VP8' }));
    t.match(said.at(-1), ['ended', 'a', 'u', 'rejected', /no H\.264/]);
    t.equal(engine.opened.length, 0, 'the engine never saw it');
    engine.failing = true;
    sessions.request('b', 'u', []);
    await sessions.offer('b', offerText());
    t.match(said.at(-1), ['ended', 'b', 'u', 'error', /Try again/]);
    await sessions.offer('never-asked', offerText());
    t.match(said.at(-1), ['ended', 'never-asked', '', 'closed']);
    t.equal(sessions.size, 0);
  },
);

t.test('a second offer takes the place of the first; one in a loop is refused', async (t) => {
  const { sessions, said, engine, join } = box();
  const first = await join('a');
  await sessions.offer('a', offerText());
  t.equal(first.closed, true);
  t.equal(sessions.connected, 0);
  first.events.ended('closed');
  t.equal(sessions.size, 1, 'the old transport has no say any more');
  engine.last.events.connected();
  t.equal(sessions.connected, 1);
  for (let i = 2; i <= maxOffers; i += 1) await sessions.offer('a', offerText());
  t.match(said.at(-1), ['ended', 'a', 'user-a', 'rejected', /offers/]);
  t.equal(engine.peers, 0);
});

t.test('ended while the engine still opens: nothing stays open', async (t) => {
  const { sessions, said, engine } = box();
  sessions.request('a', 'u', []);
  const answering = sessions.offer('a', offerText());
  sessions.end('a');
  await answering;
  t.equal(engine.peers, 0);
  t.same(said, []);
});

t.test(
  'candidates: those that come before the answer wait for it; names and floods go nowhere',
  async (t) => {
    const { sessions, said, engine } = box();
    const candidate = (port: number) => ({
      candidate: `candidate:1 1 udp 2122260223 192.0.2.7 ${port} typ host`,
    });
    sessions.request('a', 'u', []);
    sessions.addCandidate('a', candidate(1_000));
    sessions.addCandidate('a', { candidate: 'candidate:1 1 udp 2122260223 x.local 1 typ host' });
    sessions.addCandidate('a', null);
    sessions.addCandidate('unknown', candidate(1));
    await sessions.offer('a', offerText());
    sessions.addCandidate('a', candidate(1_001));
    t.same(engine.last.candidates, [
      'candidate:1 1 UDP 2122260223 192.0.2.7 1000 typ host',
      'candidate:1 1 UDP 2122260223 192.0.2.7 1001 typ host',
    ]);
    for (let i = 0; i < 500; i += 1) sessions.addCandidate('a', candidate(2_000 + i));
    t.ok(engine.last.candidates.length <= 60, `${engine.last.candidates.length} of 500`);
    engine.last.events.localCandidate('candidate:9 1 UDP 1 192.0.2.1 5 typ srflx');
    engine.last.events.localCandidate(null);
    t.match(said.slice(-2), [
      ['candidate', 'a', { candidate: /^candidate:9/, sdpMid: '0', sdpMLineIndex: 0 }],
      ['candidate', 'a', null],
    ]);
  },
);

t.test('thousands of requests: no more than the limit, and those who are in stay in', async (t) => {
  const { sessions, said, join } = box();
  await join('first');
  for (let i = 0; i < 5_000; i += 1) sessions.request(`s${i}`, 'u', []);
  t.equal(sessions.size, maxSessions);
  t.equal(sessions.connected, 1);
  t.match(said.at(-1), ['ended', 's4999', 'u', 'error', /no more than/]);
});

t.test('control that has forgotten is told again who is connected', async (t) => {
  const { sessions, said, join } = box();
  await join('a');
  sessions.request('b', 'u', []);
  said.length = 0;
  sessions.announce();
  t.same(said, [['connected', 'a', 'user-a']]);
  sessions.close('Other settings.');
  t.same(said.slice(1), [
    ['ended', 'a', 'user-a', 'error', 'Other settings.'],
    ['ended', 'b', 'u', 'error', 'Other settings.'],
  ]);
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
