import t, { type Test } from 'tap';
import { NetworkManagerWifi } from '#control/network/wifi/network-manager.ts';
import { type VirtualNetwork, VirtualWifi } from '#control/network/wifi/virtual-wifi.ts';
import type { Wifi } from '#core/hardware/network/wifi.ts';
import { FakeNmcli } from '../support/fake-nmcli.ts';

t.setTimeout(60_000);

const hostile = `a:b\\c "'$(id)\n-x`;
const neighbourhood: readonly VirtualNetwork[] = [
  { ssid: 'Home', signalPercent: 82, passphrase: 'correct horse' },
  { ssid: 'Café', signalPercent: 40, passphrase: null },
  { ssid: 'Router', signalPercent: 20, passphrase: 'no address', withoutAddress: true },
  { ssid: 'Secret', signalPercent: 70, passphrase: 'hidden away', hidden: true },
  { ssid: hostile, signalPercent: 10, passphrase: ` \\:#${'"'}$(id) ` },
  { ssid: '--help', signalPercent: 5, passphrase: '--wait 0 ' },
];

const radios: Record<string, (t: Test) => Promise<Wifi>> = {
  'virtual radio': async () => new VirtualWifi({ networks: neighbourhood, wired: false }),
  NetworkManager: async (t) => {
    const folder = t.testdir();
    const nmcli = new FakeNmcli({
      networks: neighbourhood.map(({ ssid, signalPercent, passphrase, hidden, withoutAddress }) => ({
        ...{ ssid, signal: signalPercent, passphrase, security: passphrase === null ? '' : 'WPA2' },
        ...{ hidden: hidden ?? false, withoutAddress: withoutAddress ?? false },
      })),
    });
    return new NetworkManagerWifi({ nmcli, secretsDirectory: folder, interfaces: () => ({}) });
  },
};

for (const [name, make] of Object.entries(radios)) {
  t.test(`${name}: what is in reach, the strongest first, hidden ones not`, async (t) => {
    const wifi = await make(t);
    t.same(await wifi.scan(), [
      { ssid: 'Home', signalPercent: 82, security: 'wpa' },
      { ssid: 'Café', signalPercent: 40, security: 'open' },
      { ssid: 'Router', signalPercent: 20, security: 'wpa' },
      { ssid: hostile, signalPercent: 10, security: 'wpa' },
      { ssid: '--help', signalPercent: 5, security: 'wpa' },
    ]);
    t.match(await wifi.read(), { available: true, connected: null, saved: [], accessPoint: false });
  });

  t.test(`${name}: a network is joined, kept, known, and forgotten`, async (t) => {
    const wifi = await make(t);
    const joined = await wifi.join({ ssid: 'Home', passphrase: 'correct horse', hidden: false });
    await joined.keep();
    t.match(await wifi.read(), { connected: { ssid: 'Home', signalPercent: 82 }, saved: ['Home'] });
    await (await wifi.join({ ssid: 'Café', hidden: false })).keep();
    await (await wifi.join({ ssid: 'Home', hidden: false })).keep();
    t.match(await wifi.read(), { connected: { ssid: 'Home' }, saved: ['Home', 'Café'] }, 'by what is saved');
    t.equal(await wifi.forget('Home'), true);
    t.equal(await wifi.forget('Home'), false);
    t.match(await wifi.read(), { connected: null, saved: ['Café'] });
  });

  t.test(`${name}: why joining fails is said, and the network before is back`, async (t) => {
    const wifi = await make(t);
    await (await wifi.join({ ssid: 'Café', hidden: false })).keep();
    const failures: [string, string | undefined, string][] = [
      ['Home', 'wrong horse', 'wifi-wrong-passphrase'],
      ['Home', undefined, 'wifi-wrong-passphrase'],
      ['Nowhere', 'whatever it is', 'wifi-not-found'],
      ['Secret', 'hidden away', 'wifi-not-found'],
      ['Router', 'no address', 'wifi-no-address'],
    ];
    for (const [ssid, passphrase, code] of failures) {
      await t.rejects(wifi.join({ ssid, passphrase, hidden: false }), { code }, `${ssid}: ${code}`);
      t.match(await wifi.read(), { connected: { ssid: 'Café' }, saved: ['Café'] });
    }
    await (await wifi.join({ ssid: 'Secret', passphrase: 'hidden away', hidden: true })).keep();
    t.match(await wifi.read(), { connected: { ssid: 'Secret' } }, 'a hidden one is called for');
  });

  t.test(`${name}: a joined network that is taken back leaves nothing`, async (t) => {
    const wifi = await make(t);
    await (await wifi.join({ ssid: 'Café', hidden: false })).keep();
    const joined = await wifi.join({ ssid: 'Home', passphrase: 'correct horse', hidden: false });
    t.match(await wifi.read(), { connected: { ssid: 'Home' } });
    await joined.takeBack();
    t.match(await wifi.read(), { connected: { ssid: 'Café' }, saved: ['Café'] });
  });

  t.test(`${name}: names and passphrases are data, whatever is in them`, async (t) => {
    const wifi = await make(t);
    for (const ssid of [hostile, '--help']) {
      const passphrase = neighbourhood.find((one) => one.ssid === ssid)?.passphrase ?? '';
      await (await wifi.join({ ssid, passphrase, hidden: false })).keep();
      t.match(await wifi.read(), { connected: { ssid } });
      t.ok((await wifi.read()).saved.includes(ssid));
      t.equal(await wifi.forget(ssid), true);
    }
    await t.rejects(wifi.join({ ssid: 'zero\0byte', passphrase: 'whatever it is', hidden: false }), {
      code: 'wifi-not-found',
    });
  });

  t.test(`${name}: the access point opens, is no saved network, and closes`, async (t) => {
    const wifi = await make(t);
    await wifi.openAccessPoint({ ssid: 'Onair-12AB', passphrase: 'abcd-efgh-jkmn' });
    t.match(await wifi.read(), { accessPoint: true, connected: null, saved: [] });
    await wifi.openAccessPoint({ ssid: 'Onair-12AB', passphrase: 'abcd-efgh-jkmn' });
    await wifi.closeAccessPoint();
    await wifi.closeAccessPoint();
    t.match(await wifi.read(), { accessPoint: false });
    await wifi.openAccessPoint({ ssid: 'Onair-12AB', passphrase: 'abcd-efgh-jkmn' });
    await (await wifi.join({ ssid: 'Café', hidden: false })).keep();
    t.match(await wifi.read(), { accessPoint: false, connected: { ssid: 'Café' } }, 'one radio, one network');
  });
}
