import t from 'tap';
import { serverToViewer } from '#core/protocol/signaling.ts';
import { iceServers, message, sdp, ts, viewerSignaling } from '../support/viewer-signaling.ts';

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

  sessions.answer('kitchen-cam-001', id, 'v=0\r\nanswer');
  t.same(
    await viewer.nextJson(),
    message('signal_answer', { session_id: id, sdp: sdp('answer', 'v=0\r\nanswer') }),
  );
  const candidate = { candidate: 'candidate:2', sdpMid: '0', sdpMLineIndex: 0 };
  sessions.addDeviceCandidate('kitchen-cam-001', id, candidate);
  t.same(await viewer.nextJson(), message('signal_ice', { session_id: id, candidate }));
  sessions.addDeviceCandidate('kitchen-cam-001', id, null);
  t.same(await viewer.nextJson(), message('signal_ice', { session_id: id, candidate: null }));
  sessions.connected('kitchen-cam-001', id);

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

t.test('hello is said once', async (t) => {
  const { greeted, tokenFor, watching } = await viewerSignaling(t);
  const client = await greeted('anna');
  client.send(message('hello', { token: await tokenFor('ben') }, 'again'));
  t.match(await client.nextJson(), { type: 'error', request_id: 'again' });
  t.match(await watching(client), /session-/, 'and the first one counts');
});
