import { request } from 'node:http';
import t, { type Test } from 'tap';
import { wifiRoutes } from '#control/api/wifi-routes.ts';
import { HttpServer } from '#control/http/http-server.ts';
import { Router } from '#control/http/router.ts';
import { VirtualWifi } from '#control/network/wifi/virtual-wifi.ts';
import { WifiDesk } from '#control/network/wifi-desk.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { type WifiBody, wifiBody, wifiJoined } from '#core/protocol/endpoints/wifi.ts';
import { systemClock } from '#core/runtime/system-clock.ts';
import { keepingLogger } from '#test/support/link-pair.ts';

const networks = [
  { ssid: 'Home', signalPercent: 80, passphrase: 'correct horse' },
  { ssid: 'Café', signalPercent: 40, passphrase: null },
];

/** A radio by which the test's own requests come in. */
class LoopbackRadio extends VirtualWifi {
  override addressesOf(): string[] {
    return ['127.0.0.1'];
  }
}

/** The routes, for an operator who asks by cable or by the radio. */
async function served(t: Test, options: { byRadio: boolean }) {
  const { logger } = keepingLogger();
  const settings = initialSettings({ deviceId: 'box', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });
  const Radio = options.byRadio ? LoopbackRadio : VirtualWifi;
  const accessPoint = { ssid: 'Onair-12AB', passphrase: 'abcd-efgh-jkmn' };
  const wifi = new WifiDesk({
    wifi: new Radio({ networks, wired: true }),
    settings: () => settings,
    accessPoint: () => accessPoint,
    clock: systemClock,
    logger,
  });
  t.teardown(() => wifi.close());
  const server = new HttpServer({
    listenOn: { host: '127.0.0.1', port: 0 },
    authority: 'network',
    router: new Router(
      wifiRoutes({ lan: { wifi, address: 'http://192.0.2.7', accessPoint }, httpPort: () => 80 }),
    ),
    settings: () => settings,
    upgrade: () => {},
    operator: () => ({ id: 'anna' }),
    logger,
  });
  await server.start();
  t.teardown(() => server.close());
  const call = (method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> =>
    new Promise((resolve, reject) => {
      const headers = { host: '127.0.0.1', ...(body ? { 'content-type': 'application/json' } : {}) };
      const outgoing = request({ port: server.port, method, path, headers }, (response) => {
        let text = '';
        response.on('data', (data) => {
          text += data;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text || 'null') }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body ? JSON.stringify(body) : undefined);
    });
  const state = async (): Promise<WifiBody> => {
    const { body } = await call('GET', '/api/v1/wifi');
    t.same(wifiBody.parse(body), body, 'as documented');
    return body as WifiBody;
  };
  return { wifi, call, state };
}

t.test('by cable the answer says how joining went', async (t) => {
  const { call, state } = await served(t, { byRadio: false });
  const joined = await call('POST', '/api/v1/wifi/join', { ssid: 'Home', passphrase: 'correct horse' });
  t.same(joined, { status: 200, body: { ssid: 'Home', address: 'http://192.0.2.7', confirmBy: null } });
  t.match(await call('POST', '/api/v1/wifi/join', { ssid: 'Home', passphrase: 'wrong horse' }), {
    status: 422,
    body: { code: 'wifi-wrong-passphrase', title: /Home/, action: /passphrase/ },
  });
  t.match(await state(), { connected: { ssid: 'Home' }, failure: { code: 'wifi-wrong-passphrase' } });
  t.match(await call('POST', '/api/v1/wifi/scan'), {
    status: 200,
    body: {
      networks: [
        { ssid: 'Home', secured: true, saved: true },
        { ssid: 'Café', secured: false, saved: false },
      ],
    },
  });
  t.match(await call('DELETE', `/api/v1/wifi/networks/${encodeURIComponent('Home')}`), { status: 204 });
  t.match(await call('DELETE', '/api/v1/wifi/networks/Home'), { status: 404 });
});

t.test('by the radio itself the answer comes before the change, which is to be confirmed', async (t) => {
  const { wifi, call, state } = await served(t, { byRadio: true });
  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      const off = wifi.events.on('networkChanged', () => {
        off();
        resolve();
      });
    });
  await state();
  const joining = changed();
  const { status, body } = await call('POST', '/api/v1/wifi/join', {
    ssid: 'Home',
    passphrase: 'correct horse',
  });
  t.equal(status, 202);
  t.match(wifiJoined.parse(body), { ssid: 'Home', address: null, confirmBy: /^\d{4}-/ });
  await joining;
  t.match(await state(), { connected: { ssid: 'Home' }, confirmBy: /^\d{4}-/, failure: null });
  t.equal(wifi.joins.confirm(), true);
  t.match(await state(), { connected: { ssid: 'Home' }, confirmBy: null });
});
