import t from 'tap';
import { speaker } from '#web-ui/page/language.ts';
import { type ShownState, type Situation, shownState } from '#web-ui/player/shown-state.ts';
import {
  choiceText,
  delayText,
  type NoticeContext,
  noticeOf,
  qualityText,
  titleOf,
} from '#web-ui/viewer/phrases.ts';
import { viewerWords } from '#web-ui/viewer/words.ts';

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
  ['a PIN is asked for', { contact: 'locked', picture: 'none' }, 'locked'],
  ['… while pictures move', { contact: 'locked' }, 'live'],
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

const say = speaker(viewerWords, 'en');

t.test('every state says something, and none says the same', async (t) => {
  const context: NoticeContext = {
    live: false,
    paused: false,
    wasLive: false,
    host: 'onair.local',
    online: true,
    shifting: false,
    behindSeconds: null,
  };
  const states: ShownState[] = [
    'offline',
    'starting',
    'live',
    'retrying',
    'failed',
    'full',
    'locked',
    'unreachable',
  ];
  for (const language of ['en', 'de'] as const) {
    const speak = speaker(viewerWords, language);
    const notices = states.map((state) => noticeOf(speak, state, context));
    t.equal(new Set(notices.map(({ heading }) => heading)).size, states.length);
    t.equal(new Set(notices.map(({ icon }) => icon)).size, states.length);
    t.equal(new Set(states.map((state) => titleOf(speak, state, 'Garden'))).size, states.length);
    for (const { icon, text } of notices) t.ok(icon === 'live' || text.length > 20, icon);
  }
  const notice = (state: ShownState, more: Partial<NoticeContext> = {}) =>
    noticeOf(say, state, { ...context, ...more });
  t.match(notice('offline', { wasLive: true }).heading, 'ended');
  t.match(notice('starting', { live: true }).heading, 'Connecting');
  t.match(notice('retrying', { live: true }).heading, /^Reconnecting$/);
  t.match(notice('retrying', { live: true, shifting: true }).heading, 'Going back');
  t.equal(notice('live', { behindSeconds: 9.7 }).heading, '10 s behind live');
  t.equal(notice('live', { paused: true }).heading, 'Paused');
  t.match(notice('unreachable').heading, 'onair.local');
  t.match(notice('unreachable', { online: false }).heading, 'no network');
});

t.test('figures are no more exact than they are', async (t) => {
  const quality = { height: 720, framesPerSecond: 29.97, bitrateKbps: 3042 };
  t.equal(qualityText(quality, 'en'), '720p · 30 fps · 3.0 Mbit/s');
  t.equal(qualityText(quality, 'de'), '720p · 30 fps · 3,0 Mbit/s');
  t.equal(qualityText({ ...quality, bitrateKbps: 843 }, 'en'), '720p · 30 fps · 840 kbit/s');
  t.equal(qualityText({ height: 480, framesPerSecond: null, bitrateKbps: null }, 'en'), '480p');
  t.equal(qualityText({ height: 0, framesPerSecond: 0, bitrateKbps: 0 }, 'en'), '–');
  t.equal(delayText(null, 'en'), '–');
  t.equal(delayText({ ms: 83, basis: 'sent' }, 'en'), '80 ms');
  t.equal(delayText({ ms: 2, basis: 'sent' }, 'en'), '10 ms');
  t.equal(delayText({ ms: 996, basis: 'sent' }, 'en'), '1.0 s');
  t.equal(delayText({ ms: 1_230, basis: 'capture' }, 'de'), '1,2 s');
  t.equal(choiceText(say, 'auto', 'hls'), 'Automatic (Steady)');
  t.equal(choiceText(say, 'auto', null), 'Automatic');
  t.equal(choiceText(say, 'webrtc', 'webrtc'), 'Low delay');
});
