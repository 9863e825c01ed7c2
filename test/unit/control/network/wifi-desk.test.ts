import t from 'tap';
import { VirtualWifi } from '#control/network/wifi/virtual-wifi.ts';
import { WifiDesk } from '#control/network/wifi-desk.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { keepingLogger } from '#test/support/link-pair.ts';

const networks = [
  { ssid: 'Home', signalPercent: 80, passphrase: 'correct horse' },
  { ssid: 'Café', signalPercent: 40, passphrase: null },
];

function desk(options: { wired?: boolean; accessPoint?: boolean } = {}) {
  const clock = new DrivenClock();
  const { logger } = keepingLogger();
  const settings = initialSettings({ deviceId: 'box', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });
  settings.network.wifi.accessPoint = options.accessPoint ?? true;
  const wifi = new VirtualWifi({ networks, wired: options.wired ?? false });
  const made = new WifiDesk({
    wifi,
    settings: () => settings,
    accessPoint: () => ({ ssid: 'Onair-12AB', passphrase: 'abcd-efgh-jkmn' }),
    clock,
    logger,
  });
  const told: boolean[] = [];
  made.events.on('networkChanged', ({ online }) => void told.push(online));
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 2) {
      clock.advance(2_000);
      await settle();
    }
  };
  t.teardown(() => made.close());
  return { desk: made, wifi, told, pass, settle };
}

t.test('no network for a minute: the access point opens, and the lights say which is the case', async (t) => {
  const { desk: box, told, pass, settle } = desk();
  box.start();
  await settle();
  t.same(box.conditions, ['no-network']);
  await pass(58);
  t.equal(box.accessPointOpen, false);
  await pass(4);
  t.equal(box.accessPointOpen, true);
  t.same(box.conditions, ['access-point']);
  t.match(await box.scan(), [{ ssid: 'Home' }, { ssid: 'Café' }], 'what was heard before it opened');
  await box.joins.join({ ssid: 'Home', passphrase: 'correct horse', hidden: false }, { confirm: false });
  await settle();
  t.equal(box.accessPointOpen, false, 'gone once a network is joined');
  t.same(box.conditions, []);
  t.same(told, [false, false, true]);
});

t.test('with a cable, or where it is forbidden, there is none', async (t) => {
  const cabled = desk({ wired: true });
  cabled.desk.start();
  await cabled.pass(120);
  t.equal(cabled.desk.accessPointOpen, false);
  t.same(cabled.desk.conditions, []);
  const forbidden = desk({ accessPoint: false });
  forbidden.desk.start();
  await forbidden.pass(120);
  t.equal(forbidden.desk.accessPointOpen, false);
  t.same(forbidden.desk.conditions, ['no-network']);
});

t.test('a join from the access point that fails: it comes back, and why is told', async (t) => {
  const { desk: box, pass } = desk();
  box.start();
  await pass(62);
  const joining = box.joins.join(
    { ssid: 'Home', passphrase: 'wrong horse', hidden: false },
    { confirm: false },
  );
  await t.rejects(joining, { code: 'wifi-wrong-passphrase' });
  await pass(4);
  t.equal(box.accessPointOpen, true);
  t.match(await box.state(), {
    failure: { code: 'wifi-wrong-passphrase', action: /passphrase/ },
    joining: null,
  });
});

t.test('a change that nobody confirms within a minute is taken back', async (t) => {
  const { desk: box, pass } = desk();
  box.start();
  await box.joins.join({ ssid: 'Café', hidden: false }, { confirm: false });
  await box.joins.join({ ssid: 'Home', passphrase: 'correct horse', hidden: false }, { confirm: true });
  t.match((await box.state()).confirmBy, /^2026-01-02T03:05:/);
  await pass(58);
  t.match((await box.state()).reading.connected, { ssid: 'Home' });
  await pass(6);
  const state = await box.state();
  t.match(state, { confirmBy: null, failure: { code: 'wifi-not-confirmed' } });
  t.match(state.reading, { connected: { ssid: 'Café' }, saved: ['Café'] });
  t.equal(box.joins.confirm(), false, 'too late');
});

t.test('a change that is confirmed stays', async (t) => {
  const { desk: box, pass } = desk();
  box.start();
  await box.joins.join({ ssid: 'Home', passphrase: 'correct horse', hidden: false }, { confirm: true });
  t.equal(box.joins.confirm(), true);
  t.equal(box.joins.confirm(), false, 'once');
  await pass(120);
  t.match(await box.state(), { confirmBy: null, reading: { connected: { ssid: 'Home' } } });
});

t.test('one network at a time; an unknown one is not forgotten', async (t) => {
  const { desk: box } = desk();
  const first = box.joins.join({ ssid: 'Café', hidden: false }, { confirm: false });
  await t.rejects(box.joins.join({ ssid: 'Home', hidden: false }, { confirm: false }), { code: 'conflict' });
  await first;
  await box.forget('Café');
  await t.rejects(box.forget('Café'), { code: 'not-found' });
});
