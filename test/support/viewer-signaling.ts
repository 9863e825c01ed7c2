import { join } from 'node:path';
import type { Test } from 'tap';
import { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { ViewerSignaling } from '#control/dialects/viewer-signaling.ts';
import { Audience } from '#control/domain/audience.ts';
import { WatchSessions } from '#control/domain/watch-session.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { DrivenClock } from './driven-clock.ts';
import { FakeDevice } from './fake-device.ts';
import { webServer } from './web-server.ts';
import { WireClient } from './wire-client.ts';

const streamId = '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f';
export const ts = '2026-01-02T03:04:05.000Z';
export const iceServers = [{ urls: 'stun:stun.example.org:3478' }];
export const message = (type: string, payload: object, requestId?: string) => ({
  type,
  ...(requestId ? { request_id: requestId } : {}),
  ts,
  payload,
});
export const sdp = (type: 'offer' | 'answer', text = 'v=0\r\n') => ({ type, sdp: text });

/** `/ws/viewer` on a socket, with one device, "kitchen-cam-001". */
export async function viewerSignaling(t: Test, max = 10) {
  const clock = new DrivenClock();
  const audience = new Audience({ clock, max });
  let made = 0;
  const newId = (): string => {
    made += 1;
    return `session-${made}`;
  };
  const sessions = new WatchSessions({ audience, clock, newId });
  const tokens = new TokenKeeper({ path: join(t.testdir(), 'token.key') });
  await tokens.start();
  const settings = initialSettings({ deviceId: 'd', streamId });
  const identity = new ViewerIdentity({ tokens, settings: () => settings });
  const device = new FakeDevice();
  const signaling = new ViewerSignaling({
    identity,
    sessions,
    device: async (id) => (id === 'kitchen-cam-001' ? device : null),
    iceServers: () => iceServers,
    clock,
    logger: createLogger('viewer-signaling-test', 'silent'),
  });
  const { url, sockets } = await webServer(t, { dialects: [signaling], clock });
  const clients: WireClient[] = [];
  t.teardown(() => {
    for (const client of clients) client.close();
  });
  const connect = async (): Promise<WireClient> => {
    const client = await WireClient.connect(`${url}/ws/viewer`);
    clients.push(client);
    return client;
  };
  const tokenFor = async (viewerId: string) => (await tokens.issue({ viewerId, streamId })).token;
  /** Connected, and greeted. */
  const greeted = async (viewerId: string): Promise<WireClient> => {
    const client = await connect();
    client.send(message('hello', { token: await tokenFor(viewerId) }));
    t.match(await client.nextJson(), { type: 'hello_ack', payload: { user_id: viewerId } });
    return client;
  };
  /** A watch session that is ready; the device's id for it. */
  const watching = async (client: WireClient): Promise<string> => {
    client.send(message('watch_request', { device_id: 'kitchen-cam-001' }));
    const ready = await client.nextJson();
    t.equal(ready.type, 'watch_ready');
    return ready.payload.session_id;
  };
  const emptied = async (): Promise<void> => {
    while (sockets.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, audience, sessions, device, sockets, connect, tokenFor, greeted, watching, emptied };
}
