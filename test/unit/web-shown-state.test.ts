import t from 'tap';
import { type ShownState, type Situation, shownState } from '#web-ui/player/shown-state.ts';
import {
  choiceText,
  delayText,
  type NoticeContext,
  noticeOf,
  qualityText,
  titleOf,
} from '#web-ui/viewer/words.ts';

const base: Situation = {
  contact: 'open',
  silentMs: 0,
  live: true,
  broadcast: 'live',
  picture: 'advancing',
  moving: false,
  pictureSeen: true,
  previous: 'starting',
};

const table: [name: string, situation: Partial<Situation>, shown: ShownState][] = [
  ['pictures move', {}, 'live'],
  ['pictures move while the hub restarts', { contact: 'lost', silentMs: 9_000 }, 'live'],
  ['pictures move, and the server says that it is over', { live: false, broadcast: 'offline' }, 'offline'],
  ['the first picture is on its way', { picture: 'opening', pictureSeen: false }, 'starting'],
  ['the picture stands still', { picture: 'frozen' }, 'retrying'],
  ['a session after one that was lost', { picture: 'opening' }, 'retrying'],
  ['the camera warms up', { live: false, broadcast: 'starting', picture: 'opening' }, 'starting'],
  ['the camera is brought back', { live: false, broadcast: 'retrying', picture: 'frozen' }, 'retrying'],
  ['… so the hub says, but pictures move', { live: false, broadcast: 'retrying', moving: true }, 'live'],
  ['the camera cannot be had', { live: false, broadcast: 'failed', picture: 'none' }, 'failed'],
  ['it stops', { live: false, broadcast: 'stopping', picture: 'none' }, 'offline'],
  ['live no more, and why is not known yet', { live: false, broadcast: null, previous: 'live' }, 'retrying'],
  ['… and pictures still move', { live: false, broadcast: null, previous: 'live', moving: true }, 'live'],
  ['not live, still', { live: false, broadcast: null, previous: 'offline' }, 'offline'],
  ['no place', { contact: 'full', picture: 'none' }, 'full'],
  ['asking for the first time', { contact: 'connecting', live: null, picture: 'opening' }, 'starting'],
  ['nobody answers', { contact: 'connecting', live: null, picture: 'none', silentMs: 4_000 }, 'unreachable'],
  ['the hub restarts', { contact: 'lost', picture: 'none', previous: 'offline', silentMs: 900 }, 'offline'],
  ['… in mid-view', { contact: 'lost', picture: 'frozen', previous: 'live', silentMs: 900 }, 'retrying'],
  [
    '… and stays away',
    { contact: 'lost', picture: 'frozen', previous: 'retrying', silentMs: 4_000 },
    'unreachable',
  ],
];

t.test('each situation has its word', async (t) => {
  for (const [name, situation, shown] of table) t.equal(shownState({ ...base, ...situation }), shown, name);
});

t.test('every state says something, and none says the same', async (t) => {
  const context: NoticeContext = { reason: null, live: false, wasLive: false, host: 'onair.local' };
  const states: ShownState[] = ['offline', 'starting', 'live', 'retrying', 'failed', 'full', 'unreachable'];
  const notices = states.map((state) => noticeOf(state, context));
  t.equal(new Set(notices.map(({ heading }) => heading)).size, states.length);
  t.equal(new Set(notices.map(({ icon }) => icon)).size, states.length);
  t.equal(new Set(states.map((state) => titleOf(state, 'Garden'))).size, states.length);
  for (const { icon, text } of notices) t.ok(icon === 'live' || text.length > 20, icon);
  t.match(noticeOf('offline', { ...context, wasLive: true }).heading, 'ended');
  t.match(noticeOf('starting', { ...context, live: true }).heading, 'Connecting');
  t.match(noticeOf('retrying', { ...context, live: true }).heading, /^Reconnecting$/);
  const reason = { code: 'no-camera', message: 'No camera was found.', action: 'Connect one.' };
  t.equal(noticeOf('failed', { ...context, reason }).text, 'No camera was found. Connect one.');
  t.match(noticeOf('unreachable', context).heading, 'onair.local');
});

t.test('figures are no more exact than they are', async (t) => {
  const quality = { height: 720, framesPerSecond: 29.97, bitrateKbps: 3042 };
  t.equal(qualityText(quality), '720p · 30 fps · 3.0 Mbit/s');
  t.equal(qualityText({ ...quality, bitrateKbps: 843 }), '720p · 30 fps · 840 kbit/s');
  t.equal(qualityText({ height: 480, framesPerSecond: null, bitrateKbps: null }), '480p');
  t.equal(qualityText({ height: 0, framesPerSecond: 0, bitrateKbps: 0 }), '–');
  t.equal(delayText(null), '–');
  t.equal(delayText({ ms: 83, basis: 'sent' }), '80 ms');
  t.equal(delayText({ ms: 2, basis: 'sent' }), '10 ms');
  t.equal(delayText({ ms: 996, basis: 'sent' }), '1.0 s');
  t.equal(delayText({ ms: 1_230, basis: 'capture' }), '1.2 s');
  t.equal(choiceText('auto', 'hls'), 'Automatic (LL-HLS)');
  t.equal(choiceText('auto', null), 'Automatic');
  t.equal(choiceText('webrtc', 'webrtc'), 'WebRTC');
});
