import t from 'tap';
import { OnairError } from '#core/domain/errors.ts';
import { serverToViewer } from '#core/protocol/signaling.ts';
import { iceServers, message, sdp, ts, viewerSignaling } from '../support/viewer-signaling.ts';
import type { WireClient } from '../support/wire-client.ts';

t.setTimeout(30_000);

t.test('"Successful Watch Session", message for message', async (t) => {
  const { connect, tokenFor, device, sessions, audience, clock } = await viewerSignaling(t);
  const viewer = await connect();
  viewer.send(message('hello', { token: await tokenFor('123') }, 'req-0'));
  t.same(await viewer.nextJson(), message('hello_ack', { user_id: '123', server_time: ts }, 'req-0'));
  viewer.send(message('watch_request', { device_id: 'kitchen-cam-001' }, 'req-001'));
  const id = 'session-1';
  t.same(
    await viewer.nextJson(),
    message('watch_ready', { session_id: id, ice_servers: iceServers }, 'req-001'),
  );
  t.same(device.told.splice(0), [`watch_request ${id} 123`]);
  t.same(device.iceServers, [iceServers]);
  t.equal(audience.viewers, 1);

  viewer.send(message('signal_offer', { session_id: id, sdp: sdp('offer', 'v=0\r\noffer') }));
  viewer.send(
    message('signal_ice', { session_id: id, candidate: { candidate: 'candidate:1', sdpMid: '0' } }),
  );
  viewer.send(message('signal_ice', { session_id: id, candidate: null }));
  await viewer.settled();
  t.same(device.told.splice(0), [`offer ${id} v=0\r\noffer`, `ice ${id} candidate:1`, `ice ${id} end`]);

  sessions.receiveFromDevice('kitchen-cam-001', { kind: 'answer', sessionId: id, sdp: 'v=0\r\nanswer' });
  t.same(
    await viewer.nextJson(),
    message('signal_answer', { session_id: id, sdp: sdp('answer', 'v=0\r\nanswer') }),
  );
  const candidate = { candidate: 'candidate:2', sdpMid: '0', sdpMLineIndex: 0 };
  sessions.receiveFromDevice('kitchen-cam-001', { kind: 'candidate', sessionId: id, candidate: candidate });
  t.same(await viewer.nextJson(), message('signal_ice', { session_id: id, candidate }));
  sessions.receiveFromDevice('kitchen-cam-001', { kind: 'candidate', sessionId: id, candidate: null });
  t.same(await viewer.nextJson(), message('signal_ice', { session_id: id, candidate: null }));
  sessions.receiveFromDevice('kitchen-cam-001', { kind: 'connected', sessionId: id });

  viewer.send(message('heartbeat', {}, 'beat'));
  t.same(await viewer.nextJson(), message('heartbeat_ack', {}, 'beat'));
  viewer.send(message('end_watch', { session_id: id }));
  await viewer.settled();
  t.same(device.told, [`watch_ended ${id} user_ended`]);
  t.same([audience.viewers, sessions.size], [0, 0]);
  for (const text of viewer.heard) t.same(serverToViewer.parse(JSON.parse(text)), JSON.parse(text));
  clock.advance(60_000);
  t.equal(device.told.length, 1, 'and nothing follows');
});

t.test('before hello nothing is done for anybody', async (t) => {
  const { connect, device, clock, emptied } = await viewerSignaling(t);
  const strangers: unknown[] = [
    message('watch_request', { device_id: 'kitchen-cam-001' }, 'req-1'),
    message('heartbeat', {}, 'req-1'),
    message('end_watch', { session_id: 'session-1' }, 'req-1'),
    { ...message('watch_request', {}, 'req-1') },
    { ...message('hello', {}, 'req-1') },
    { ...message('nonsense', {}, 'req-1') },
    'not JSON',
  ];
  for (const first of strangers) {
    const client = await connect();
    client.send(first);
    t.match(await client.nextJson(), {
      type: 'error',
      ...(first === 'not JSON' ? {} : { request_id: 'req-1' }),
      payload: { message: String },
    });
    t.equal((await client.closed()).code, 1008);
  }
  t.same(device.told, []);
  const silent = await connect();
  clock.advance(10_000);
  t.match(await silent.closed(), { code: 1008, reason: 'hello expected' });
  await emptied();
  t.equal(clock.timers, 1, 'only the sweep of the sockets is left');
});

t.test('"If token invalid, connection is closed with code 1008"', async (t) => {
  const { connect } = await viewerSignaling(t);
  for (const token of ['x', 'a.b.c', 'x'.repeat(4_096)]) {
    const client = await connect();
    client.send(message('hello', { token }, 'req-1'));
    t.match(await client.nextJson(), {
      type: 'error',
      request_id: 'req-1',
      payload: { message: 'Invalid token' },
    });
    t.equal((await client.closed()).code, 1008);
  }
});

t.test('an answer names the request, however long its id is', async (t) => {
  const { greeted } = await viewerSignaling(t);
  const client = await greeted('anna');
  const id = 'r'.repeat(5_000);
  client.send(message('heartbeat', {}, id));
  t.match(await client.nextJson(), { type: 'heartbeat_ack', request_id: id });
  client.send(message('dance', {}, id));
  t.match(await client.nextJson(), { type: 'error', request_id: id });
});

t.test('hello is said once', async (t) => {
  const { greeted, tokenFor, watching } = await viewerSignaling(t);
  const client = await greeted('anna');
  client.send(message('hello', { token: await tokenFor('ben') }, 'again'));
  t.match(await client.nextJson(), { type: 'error', request_id: 'again' });
  t.match(await watching(client), /session-/, 'and the first one counts');
});

t.test('"Common errors", each to the request that caused it', async (t) => {
  const { greeted, watching, device, audience, sessions } = await viewerSignaling(t, 2);
  const [anna, ben] = [await greeted('anna'), await greeted('ben')];
  const refused = async (client: WireClient, type: string, payload: object) => {
    client.send(message(type, payload, 'req-9'));
    const answer = await client.nextJson();
    t.match(answer, { type: 'error', request_id: 'req-9' });
    return answer.payload.message;
  };
  const kitchen = { device_id: 'kitchen-cam-001' };
  t.equal(await refused(anna, 'watch_request', { device_id: 'garage' }), 'Device not found');
  device.online = false;
  t.equal(await refused(anna, 'watch_request', kitchen), 'Device is offline');
  device.online = true;
  const id = await watching(anna);
  t.equal(await refused(ben, 'signal_offer', { session_id: id, sdp: sdp('offer') }), 'Session not found');
  t.equal(await refused(ben, 'signal_ice', { session_id: id, candidate: null }), 'Session not found');
  t.equal(await refused(ben, 'end_watch', { session_id: id }), 'Session not found');
  t.equal(await refused(anna, 'end_watch', { session_id: 'session-99' }), 'Session not found');
  for (const sessionId of [id, await watching(anna)])
    sessions.receiveFromDevice('kitchen-cam-001', { kind: 'connected', sessionId });
  t.match(await refused(ben, 'watch_request', kitchen), /All 2 places are taken/);
  t.match(
    await refused(anna, 'signal_offer', { session_id: id, sdp: sdp('answer') }),
    /payload\.sdp\.type: /,
  );
  t.match(await refused(anna, 'signal_offer', { session_id: id }), /payload\.sdp: /);
  t.match(await refused(anna, 'dance', {}), /^type: there is no such one/);
  const long = sdp('offer', 'x'.repeat(64_001));
  t.match(
    await refused(anna, 'signal_offer', { session_id: id, sdp: long }),
    /payload\.sdp\.sdp: must have at most/,
  );
  t.equal(audience.viewers, 2);
  t.equal(device.told.length, 2, 'the device heard of none of it');
});

t.test('the reasons of "Watch Ended", for viewer and device', async (t) => {
  const { greeted, watching, device, sessions, audience, clock, emptied } = await viewerSignaling(t);
  const anna = await greeted('anna');
  const ended = async (id: string, reason: string) => {
    t.match(await anna.nextJson(), { type: 'watch_ended', payload: { session_id: id, reason } });
  };
  const slow = await watching(anna);
  clock.advance(30_000);
  await ended(slow, 'timeout');
  t.equal(device.told.at(-1), `watch_ended ${slow} timeout`);

  const rejected = await watching(anna);
  const why = new OnairError('invalid-message', 'The offer has no H.264.');
  sessions.receiveFromDevice('kitchen-cam-001', { kind: 'ended', sessionId: rejected, reason: 'error', why });
  t.match(await anna.nextJson(), { type: 'error', payload: { message: 'The offer has no H.264.' } });
  await ended(rejected, 'error');

  const [one, two] = [await watching(anna), await watching(anna)];
  sessions.loseDevice('kitchen-cam-001');
  await ended(one, 'device_disconnected');
  await ended(two, 'device_disconnected');

  const [three, four] = [await watching(anna), await watching(anna)];
  device.told.splice(0);
  anna.socket.close(1000);
  await emptied();
  t.same(device.told, [
    `watch_ended ${three} viewer_disconnected`,
    `watch_ended ${four} viewer_disconnected`,
  ]);
  t.equal(audience.viewers, 0);
});

t.test('a viewer who goes away before the answer leaves nothing', async (t) => {
  const { connect, tokenFor, greeted, device, audience, sessions, emptied } = await viewerSignaling(t);
  const hasty = await connect();
  hasty.send(message('hello', { token: await tokenFor('anna') }));
  hasty.close();
  const other = await greeted('ben');
  other.send(message('watch_request', { device_id: 'kitchen-cam-001' }));
  other.close();
  await emptied();
  await new Promise((resolve) => setImmediate(resolve));
  t.same([audience.viewers, sessions.size], [0, 0]);
  const watched = device.told.filter((text) => text.startsWith('watch_request')).length;
  t.equal(device.told.filter((text) => text.startsWith('watch_ended')).length, watched);
});

t.test('control that closes its sessions first closes its sockets without a fault', async (t) => {
  const { greeted, watching, sessions, sockets } = await viewerSignaling(t);
  const anna = await greeted('anna');
  await watching(anna);
  sessions.close();
  sockets.close();
  t.equal((await anna.closed()).code, 1001);
});

t.test('a viewer with no word for 90 s is dropped, and gives its place back', async (t) => {
  const { greeted, watching, audience, clock, sessions, emptied } = await viewerSignaling(t);
  const anna = await greeted('anna');
  const id = await watching(anna);
  sessions.receiveFromDevice('kitchen-cam-001', { kind: 'connected', sessionId: id });
  anna.socket.pause();
  clock.advance(89_000);
  t.equal(audience.viewers, 1);
  clock.advance(5_000);
  await emptied();
  t.equal(audience.viewers, 0);
});
