import t from 'tap';
import type { Telemetry } from '#control/board/telemetry.ts';
import { WatchSessions } from '#control/domain/watch-session.ts';
import { OwnEgress } from '#control/link/own-egress.ts';
import { StatusReport } from '#control/status/status.ts';
import { IssueReports } from '#core/domain/issue-reports.ts';
import { nothingKnown } from '#core/domain/telemetry.ts';
import { linkStatusBody, statusBody } from '#core/protocol/endpoints/box.ts';
import { hubOfFakes } from '#test/support/hub-of-fakes.ts';

function reported() {
  const hub = hubOfFakes();
  const telemetry = { current: { ...nothingKnown } };
  const status = new StatusReport({
    ...hub,
    settings: () => hub.state.settings,
    telemetry: telemetry as unknown as Telemetry,
    reports: new IssueReports({ clock: hub.clock, newId: () => 'r' }),
    httpPort: () => 8080,
    lan: { hostname: 'onair-2', address: 'http://192.0.2.7:8080', usbAddress: null },
  });
  return { ...hub, status, telemetry };
}

t.test('the status has the documented shape in every state, and the link’s has more', (t) => {
  const { status, media, egress, broadcast, pipeline, egressReady, flow, play } = reported();
  const check = (state: string) => {
    const body = status.for(false);
    t.same(statusBody.parse(body), body, state);
    t.notOk('daemons' in body, 'the network is not told who runs');
    t.same(linkStatusBody.parse(status.for(true)), status.for(true));
    t.equal(body.broadcast.state, state);
    return status.linkBody;
  };
  t.match(check('offline'), {
    stream: { title: 'Live', quality: '720p', width: 1280, height: 720, bitrateKbps: null },
    daemons: {
      control: { pid: process.pid, up: true },
      media: { pid: null, up: false },
      egress: { up: false },
    },
    ports: { http: 8080, https: null, webrtc: null, rtsp: null },
  });
  media.join();
  egress.join();
  egressReady();
  pipeline('idle');
  broadcast.start();
  check('starting');
  pipeline('starting');
  flow(true);
  play(1_000);
  t.match(check('live'), {
    advancing: true,
    daemons: { media: { pid: 4711, up: true } },
    ports: { webrtc: 8189 },
  });
  media.leave();
  t.match(check('retrying'), { advancing: false, broadcast: { reason: { code: 'media-restarting' } } });
  media.join();
  pipeline('idle');
  broadcast.stop();
  t.equal(check('stopping').broadcast.startTime, null);
  t.end();
});

t.test('what is really encoded is shown, not what was wished for', (t) => {
  const { status, media, broadcast } = reported();
  media.join();
  broadcast.start();
  const format = {
    encoder: 'x264enc',
    width: 640,
    height: 480,
    framesPerSecond: 25,
    bitrateKbps: 900,
    audio: true,
    source: 'test',
  };
  media.say('media_state', { state: 'running', pipelineId: 'p', reason: null, format, attempt: 0 });
  media.say('media_progress', {
    pipelineId: 'p',
    frames: 9,
    keyFrames: 1,
    bitrateKbps: 880.4,
    framesPerSecond: 25,
  });
  t.match(status.body.stream, {
    quality: '480p',
    width: 640,
    height: 480,
    framesPerSecond: 25,
    bitrateKbps: 880,
  });
  broadcast.stop();
  t.equal(status.body.stream.sound, true);
  t.equal(status.body.stream.bitrateKbps, null, 'nothing is measured while nothing is on air');
  t.end();
});

t.test('LANCast is told of a broadcast from its first picture to its end', (t) => {
  const { status, media, egress, broadcast, pipeline, flow, play, clock } = reported();
  t.equal(status.lancast, null);
  media.join();
  egress.join();
  pipeline('idle');
  broadcast.start();
  t.equal(status.lancast, null, 'not before there are pictures');
  pipeline('starting');
  flow(true);
  play(1_000);
  const { startTime } = broadcast.snapshot;
  t.same(status.lancast, { live: true, resolution: '1280x720', bitrateKbps: 3_000, startTime });
  media.leave();
  t.same(status.lancast, { live: false, resolution: '1280x720', bitrateKbps: 3_000, startTime });
  clock.advance(60_000);
  t.match(status.lancast, { live: false, startTime }, 'the broadcast goes on until somebody stops it');
  broadcast.stop();
  t.equal(status.lancast, null);
  t.end();
});

/** Egress as the device that viewers watch. */
function watched() {
  const hub = hubOfFakes();
  const sessions = new WatchSessions({ ...hub, newId: () => 's1' });
  const own = new OwnEgress({ link: hub.link, deviceId: () => 'box-1', clock: hub.clock });
  own.start(sessions);
  const heard: string[] = [];
  const open = (): string =>
    sessions.open({
      ...{ viewerId: 'anna', way: 'whep', deviceId: 'box-1', device: own, iceServers: () => [] },
      watcher: {
        send: (signal) => {
          if (signal.kind === 'answer') heard.push(`answer ${signal.sdp}`);
          else if (signal.kind === 'candidate') heard.push(`ice ${signal.candidate?.candidate ?? 'end'}`);
          else {
            const { reason, why = null } = signal;
            heard.push(`ended ${reason} ${why && `${why.code}: ${why.message}`}`);
          }
        },
      },
    });
  return { ...hub, sessions, own, heard, open };
}

t.test('egress can be watched once it says that it is ready, until it goes', (t) => {
  const { own, egress, egressReady, open, heard, sessions } = watched();
  t.equal(own.online, false);
  egress.join();
  t.throws(open, { code: 'unavailable' });
  egressReady();
  t.equal(own.online, true);
  open();
  egress.leave();
  t.equal(own.online, false);
  t.same(heard, ['ended device_disconnected null']);
  egress.join();
  t.equal(own.online, false, 'a new one is not ready yet');
  t.equal(sessions.size, 0);
  t.end();
});

t.test('the words of signaling go to egress and come from it', (t) => {
  const { own, egress, egressReady, open, heard, sessions } = watched();
  egress.join();
  egressReady();
  egress.told();
  open();
  own.send({ kind: 'offer', sessionId: 's1', sdp: 'v=0' });
  own.send({ kind: 'candidate', sessionId: 's1', candidate: null });
  t.match(egress.told(), [
    { type: 'watch_request', payload: { session_id: 's1', user_id: 'anna', ice_servers: [] } },
    { type: 'signal_offer', payload: { session_id: 's1', sdp: { type: 'offer', sdp: 'v=0' } } },
    { type: 'signal_ice', payload: { session_id: 's1', candidate: null } },
  ]);
  egress.say('signal_answer', { session_id: 's1', sdp: { type: 'answer', sdp: 'v=0 a' } });
  egress.say('signal_ice', { session_id: 's1', candidate: { candidate: 'candidate:1' } });
  const watch = { session_id: 's1', user_id: 'anna', message: null };
  egress.say('egress_watch', { ...watch, state: 'connected', reason: null });
  t.same(heard.splice(0), ['answer v=0 a', 'ice candidate:1']);
  sessions.end('s1', 'anna', 'user_ended');
  t.match(egress.told(), [{ type: 'watch_ended', payload: { session_id: 's1', reason: 'user_ended' } }]);
  t.end();
});

const ends = {
  rejected: ['error', 'invalid-message'],
  full: ['error', 'unavailable'],
  timeout: ['timeout', 'unavailable'],
  closed: ['viewer_disconnected', 'unavailable'],
  error: ['error', 'unavailable'],
  unreachable: ['error', 'unavailable'],
} as const;
for (const [reason, [said, code]] of Object.entries(ends)) {
  t.test(`a session that egress ends as "${reason}" is "${said}" to its viewer`, (t) => {
    const { egress, egressReady, open, heard } = watched();
    egress.join();
    egressReady();
    open();
    egress.say('egress_watch', {
      session_id: 's1',
      user_id: 'anna',
      state: 'ended',
      reason,
      message: 'Why.',
    });
    t.same(heard, [`ended ${said} ${code}: Why.`]);
    t.end();
  });
}

t.test('status says that WebRTC cannot be reached, from the viewer who found out to the next answer', (t) => {
  const { own, egress, egressReady, open } = watched();
  egress.join();
  egressReady();
  open();
  const end = { session_id: 's1', user_id: 'anna', state: 'ended', reason: 'unreachable', message: 'Why.' };
  egress.say('egress_watch', end);
  t.match(own.problems, [{ code: 'webrtc-no-address', action: /bindAddress/ }]);
  egress.say('signal_answer', { session_id: 's1', sdp: { type: 'answer', sdp: 'v=0' } });
  t.same(own.problems, []);
  t.end();
});

const listed = { session_id: 'old', user_id: 'anna', connected: true };
const names = { ice_ufrag: 'ours', viewer_ice_ufrag: 'theirs' };

t.test('sessions that egress kept through a restart of control count again', (t) => {
  const { egress, egressReady, sessions, audience } = watched();
  egress.join();
  egressReady();
  const idle = { ...listed, session_id: 'idle', connected: false };
  egress.told();
  egress.say('egress_sessions', {
    sessions: [
      { ...listed, ...names },
      { ...idle, ...names },
    ],
  });
  t.same([sessions.size, audience.viewers, sessions.viewerOf('old')], [1, 1, 'anna']);
  t.same(sessions.iceOf('old'), { deviceUfrag: 'ours', viewerUfrag: 'theirs' });
  t.match(egress.told(), [{ type: 'watch_ended', payload: { session_id: 'idle' } }]);
  const over = { session_id: 'old', user_id: 'anna', state: 'ended', reason: 'closed', message: null };
  egress.say('egress_watch', over);
  t.same([sessions.size, audience.viewers], [0, 0]);
  t.end();
});

t.test('a session that was ended is not taken up again by a word that was on its way', (t) => {
  const { egress, egressReady, sessions, audience, open } = watched();
  egress.join();
  egressReady();
  egress.say('egress_sessions', { sessions: [] });
  open();
  sessions.end('s1', 'anna', 'user_ended');
  const late = { session_id: 's1', user_id: 'anna', state: 'connected', reason: null, message: null };
  egress.say('egress_watch', late);
  t.same([sessions.size, audience.viewers], [0, 0]);
  egress.told();
  egress.say('egress_sessions', { sessions: [{ ...listed, ...names, session_id: 's1' }] });
  t.same([sessions.size, audience.viewers], [0, 0]);
  t.match(egress.told(), [{ type: 'watch_ended', payload: { session_id: 's1' } }], 'and egress ends it too');
  t.end();
});

t.test(
  'where the counts differ twice, egress lists its sessions; who is not connected holds no place',
  (t) => {
    const { egress, egressReady, sessions, audience, open } = watched();
    egress.join();
    egressReady();
    egress.say('egress_sessions', { sessions: [] });
    open();
    egress.say('egress_watch', {
      session_id: 's1',
      user_id: 'anna',
      state: 'connected',
      reason: null,
      message: null,
    });
    const progress = (count: number): void =>
      egress.say('egress_progress', {
        ...{ sessions: count, connected: count, videoPackets: 0, audioPackets: 0, lossRatio: null },
      });
    egress.told();
    for (const count of [1, 0, 1, 0]) progress(count);
    t.same(egress.told(), [], 'messages cross on their way');
    progress(0);
    t.match(egress.told(), [{ type: 'egress_list_sessions' }]);
    egress.say('egress_sessions', { sessions: [] });
    t.same([sessions.size, audience.viewers], [0, 0]);
    t.end();
  },
);

t.test(
  'an ICE restart is answered by egress, in order; not at all by one that is away or hangs',
  async (t) => {
    const { own, egress, egressReady, clock } = watched();
    const { timers } = clock;
    const asked = { iceUfrag: 'New1', icePwd: 'p'.repeat(22), candidates: [] };
    t.equal(await own.restartIce('s1', asked), null, 'away');
    egress.join();
    egressReady();
    const ice = (name: string) => ({
      ice_ufrag: name,
      ice_pwd: 'p'.repeat(22),
      ice_lite: true,
      candidates: [],
    });
    const answers = [own.restartIce('s1', asked), own.restartIce('s1', asked), own.restartIce('s1', asked)];
    egress.say('egress_ice', { session_id: 's1', ice: ice('one') });
    egress.say('egress_ice', { session_id: 's1', ice: null });
    clock.advance(2_000);
    t.same(await Promise.all(answers), [ice('one'), null, null]);
    const lost = own.restartIce('s2', asked);
    egress.leave();
    t.equal(await lost, null);
    t.equal(clock.timers, timers);
    t.end();
  },
);
