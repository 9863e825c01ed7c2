import t from 'tap';
import { message, sdp, viewerSignaling } from '../support/viewer-signaling.ts';
import type { WireClient } from '../support/wire-client.ts';

t.setTimeout(30_000);

t.test('"Common errors", each to the request that caused it', async (t) => {
  const { greeted, watching, device, audience } = await viewerSignaling(t, 2);
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
  await watching(anna);
  t.match(await refused(ben, 'watch_request', kitchen), /All 2 places are taken/);
  t.match(
    await refused(anna, 'signal_offer', { session_id: id, sdp: sdp('answer') }),
    /payload\.sdp\.type: /,
  );
  t.match(await refused(anna, 'signal_offer', { session_id: id }), /payload\.sdp: /);
  t.match(await refused(anna, 'dance', {}), /^type: there is no such one/);
  const long = sdp('offer', 'x'.repeat(64_001));
  t.match(await refused(anna, 'signal_offer', { session_id: id, sdp: long }), /payload\.sdp\.sdp: too big/);
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
  sessions.endedByDevice('kitchen-cam-001', rejected, 'error', 'The offer has no H.264.');
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
  sessions.connected('kitchen-cam-001', id);
  anna.socket.pause();
  clock.advance(89_000);
  t.equal(audience.viewers, 1);
  clock.advance(5_000);
  await emptied();
  t.equal(audience.viewers, 0);
});
