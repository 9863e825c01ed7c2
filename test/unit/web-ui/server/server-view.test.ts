import t from 'tap';
import { type LancastMessage, readLancast, readStatus, type StatusReply } from '#web-ui/server/messages.ts';
import { ServerView } from '#web-ui/server/server-view.ts';

const status = (live: boolean, viewerCount = 1): LancastMessage => ({
  type: 'status',
  data: { live, viewerCount },
});
const full: LancastMessage = { type: 'error', data: { code: 'ROOM_FULL', message: 'Room full' } };
const reply = (state: StatusReply['broadcast']['state']): StatusReply => ({
  device: { name: 'Onair' },
  stream: { title: 'Garden' },
  broadcast: {
    state,
    reason: state === 'failed' ? { code: 'no-camera', message: 'None.', action: 'Plug.' } : null,
  },
});

t.test('reads what the specification shows, and nothing else', async (t) => {
  const live = readLancast(
    '{"type":"status","data":{"live":true,"viewerCount":5,"streamInfo":{"resolution":"1920x1080","bitrate":5000,"startTime":"2025-12-11T15:30:00.000Z"}}}',
  );
  t.match(live, { data: { live: true, viewerCount: 5, streamInfo: { bitrate: 5000 } } });
  t.match(
    readLancast(
      '{"type":"error","data":{"code":"ROOM_FULL","message":"Room full - maximum viewers reached"}}',
    ),
    full.type === 'error' ? { data: { code: 'ROOM_FULL' } } : {},
  );
  for (const text of [
    '',
    'null',
    '[]',
    '{"type":"status"}',
    '{"type":"status","data":{}}',
    '{"type":"x","data":{}}',
  ])
    t.equal(readLancast(text), null, text);
  t.equal(readStatus('<html>'), null);
  t.equal(readStatus('{"broadcast":{}}'), null);
  t.equal(readStatus('{"broadcast":{"state":"live"}}'), null);
  t.match(readStatus(JSON.stringify(reply('live'))), { broadcast: { state: 'live' } });
});

t.test('LANCast says whether, the status says what lies behind it', async (t) => {
  const view = new ServerView(0);
  t.equal(view.live, null);
  t.equal(view.contact(0), 'connecting');
  view.hearLancast(status(false, 3), 10);
  t.equal(view.contact(10), 'open');
  t.equal(view.viewers, 3);
  t.equal(view.broadcast(10), null, 'not known yet');
  view.hearStatus(reply('failed'), 20);
  t.equal(view.broadcast(20), 'failed');
  t.equal(view.reason?.code, 'no-camera');
  t.equal(view.title, 'Garden');
  view.hearLancast(status(true), 30);
  t.equal(view.broadcast(30), 'live');
  t.equal(view.reason, null);
  view.hearStatus(reply('starting'), 40);
  t.equal(view.live, true, 'an answer that was overtaken is not believed');
  t.equal(view.broadcast(40), 'live');
});

t.test('a title that says nothing gives way to the name of the box', async (t) => {
  const view = new ServerView(0);
  for (const title of ['', 'Live']) {
    view.hearStatus({ ...reply('live'), stream: { title } }, 0);
    t.equal(view.title, 'Onair');
  }
});

t.test('an answer that never comes is not waited for', async (t) => {
  const view = new ServerView(0);
  view.hearLancast(status(true), 0);
  view.hearLancast(status(false), 1_000);
  t.equal(view.broadcast(1_900), null);
  t.equal(view.broadcast(2_000), 'offline');
});

t.test('without web sockets the status alone will do', async (t) => {
  const view = new ServerView(0);
  view.hearStatus(reply('live'), 500);
  t.equal(view.live, true);
  t.equal(view.contact(600), 'open');
  t.equal(view.contact(5_000), 'connecting', 'but not for long after the last answer');
  t.equal(view.silentMs(5_000), 4_500);
  view.hearLancast(status(true), 6_000);
  view.hearStatus(reply('live'), 6_100);
  view.loseLancast(6_200);
  t.equal(view.contact(6_300), 'lost', 'what was heard before the socket broke is no comfort');
  view.hearStatus(reply('live'), 6_400);
  t.equal(view.contact(6_500), 'open');
  view.missStatus();
  t.equal(view.contact(6_600), 'lost');
});

t.test('full, lost, found again', async (t) => {
  const view = new ServerView(0);
  view.hearLancast(full, 100);
  view.loseLancast(110);
  t.equal(view.contact(120), 'full', 'the close after ROOM_FULL is part of the answer');
  view.missLancast(10_000);
  t.equal(view.contact(10_000), 'lost', 'a server that does not open at all is away');
  view.hearLancast(status(false, 7), 12_000);
  t.equal(view.contact(12_000), 'open');
  view.loseLancast(13_000);
  t.equal(view.contact(13_000), 'lost');
  t.equal(view.viewers, null);
  t.equal(view.silentMs(15_000), 2_000);
});

t.test('a PIN is asked for', async (t) => {
  const view = new ServerView(0);
  view.hearStatus({ ...reply('live'), viewer: { admitted: false } }, 500);
  t.equal(view.contact(600), 'locked');
  t.ok(view.locked);
  t.equal(view.contact(7_000), 'locked', 'one slow answer does not take the field away from who types');
  t.equal(view.contact(9_000), 'connecting', 'but a box that has gone asks for nothing');
  view.hearStatus({ ...reply('live'), viewer: { admitted: false } }, 9_500);
  view.missStatus();
  t.equal(view.contact(10_000), 'locked', 'nor does a restart');
  view.hearStatus({ ...reply('live'), viewer: { admitted: true } }, 11_000);
  t.equal(view.contact(11_100), 'open', 'the PIN was shown');
  t.equal(view.live, true);
});
