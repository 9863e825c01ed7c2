import t from 'tap';
import { maxOffers, maxSessions } from '#egress/watch/limits.ts';
import { box, report } from '#test/support/egress-box.ts';
import { offerText } from '#test/support/offer.ts';

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
  t.match(said.at(-1), ['ended', 's4999', 'u', 'full', /no more than 250 /]);
});

t.test('control that has forgotten hears who is here, connected or not', async (t) => {
  const { sessions, said, join } = box();
  await join('a');
  sessions.request('b', 'u', []);
  said.length = 0;
  t.same(sessions.list(), [
    { session_id: 'a', user_id: 'user-a', connected: true, ice_ufrag: 'abcd', viewer_ice_ufrag: 'Fu2G' },
    { session_id: 'b', user_id: 'u', connected: false, ice_ufrag: null, viewer_ice_ufrag: null },
  ]);
  sessions.close('Other settings.');
  t.same(said, [
    ['ended', 'a', 'user-a', 'error', 'Other settings.'],
    ['ended', 'b', 'u', 'error', 'Other settings.'],
  ]);
});

t.test('without an address to be reached at, an offer is not answered', async (t) => {
  const { engine, sessions, said } = box();
  engine.candidates = [];
  sessions.request('a', 'u', []);
  await sessions.offer('a', offerText());
  t.match(said, [['ended', 'a', 'u', 'unreachable', /no network address/]]);
  t.equal(sessions.size, 0);
});
