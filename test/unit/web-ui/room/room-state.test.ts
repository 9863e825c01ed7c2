import t from 'tap';
import type { ServerToClient } from '#core/protocol/streamsync.ts';
import { RoomState } from '#web-ui/room/room-state.ts';

const ada = { userId: 'a', displayName: 'Ada' };
const kim = { userId: 'k', displayName: 'Kim' };
const noor = { userId: 'n', displayName: 'Noor' };
const roomId = 'main';
const joined: ServerToClient = { v: 1, type: 'room/joined', payload: { roomId, you: ada, peers: [kim] } };
const left = (userId: string): ServerToClient => ({
  v: 1,
  type: 'room/peer_left',
  payload: { roomId, userId },
});
const said = (text: string, from = kim): ServerToClient => ({
  v: 1,
  type: 'chat/message',
  payload: { roomId, from, text, tsMs: 5 },
});

t.test('who is here', async (t) => {
  const state = new RoomState();
  t.same(state.people, []);
  t.equal(state.hear(joined), 'people');
  t.same(state.people, [ada, kim]);
  t.equal(state.hear({ v: 1, type: 'room/peer_joined', payload: { roomId, peer: noor } }), 'people');
  t.same(state.people, [ada, kim, noor]);
  state.authorityId = 'k';
  t.equal(state.leads, false);
  t.same(state.authority, kim);
  t.equal(state.hear(left('k')), 'people');
  t.equal(state.hear(left('k')), null, 'once');
  t.equal(state.authority, null);
  state.authorityId = 'a';
  t.ok(state.leads);
  t.same(
    state.lines.map(({ kind, from }) => `${from.displayName} ${kind}`),
    ['Noor joined', 'Kim left'],
  );
  t.equal(state.hear(left('a')), 'removed', 'kicked, or the room was closed');
  t.same(state.people, []);
  t.equal(state.lines.length, 2, 'what was said can still be read');
});

t.test('what was said, and no more than can be read', async (t) => {
  const state = new RoomState();
  state.hear(joined);
  for (let count = 0; count < 500; count += 1) state.hear(said(`<b>${count}</b>`));
  t.equal(state.lines.length, 200);
  t.match(state.lines.at(-1), { kind: 'said', from: kim, text: '<b>499</b>', tsMs: 5 });
  t.equal(new Set(state.lines.map(({ id }) => id)).size, 200);
});

t.test('what the operator took back is gone', async (t) => {
  const state = new RoomState();
  state.hear(joined);
  state.hear(said('spam'));
  t.equal(state.hear({ v: 1, type: 'chat/deleted', payload: { roomId, tsMs: 5 } }), 'deleted');
  t.same(state.lines, []);
});

t.test('what is watched', async (t) => {
  const state = new RoomState();
  state.hear(joined);
  const playback = { playing: true, positionSec: 7, hostTsMs: 9 };
  t.equal(
    state.hear({
      v: 1,
      type: 'watch/playback_state',
      payload: { roomId, state: playback, serverTsMs: 9, fromUserId: 'k' },
    }),
    'playback',
  );
  t.equal(state.playback, null, 'who does not lead moves nobody');
  state.authorityId = 'k';
  t.same(state.playback, playback);
  t.equal(state.hear({ v: 1, type: 'watch/content', payload: { roomId, contentId: 'x' } }), null);
  state.hear(joined);
  t.equal(state.playback, null, 'joined anew: what is watched is said anew');
});
