import t from 'tap';
import { home, Neighbour } from '../../support/vm/neighbour.ts';
import { runningBox } from '../../support/vm/standard-box.ts';

const vm = await runningBox(t);
const { shell } = vm;
const skip = process.env.FAST === '1' ? 'left out by FAST=1' : false;

const radioAddress = async (): Promise<string> =>
  (await shell.run(`ip -4 -o address show dev wlan0 | awk '{ sub("/.*", "", $4); print $4 }'`)).trim();
const wifi = async (command: string, input = '') =>
  await shell.try(`onair wifi ${command}`, { input, withinMs: 150_000 });

t.test('with a radio, and a neighbour who has one', { skip }, async (t) => {
  const neighbour = await Neighbour.moveIn(vm);
  t.teardown(() => neighbour.moveOut());
  await neighbour.openNetwork('WPA2');
  // A radio that came a moment ago may not have listened on every channel.
  await shell.run(`until onair wifi scan | grep -q '${home.ssid}'; do sleep 1; done`, { withinMs: 120_000 });

  await t.test('a join with the wrong passphrase says so', async (t) => {
    const { exitCode, stderr } = await wifi(`join ${home.ssid}`, 'wrong horse\n');
    t.not(exitCode, 0);
    t.match(stderr, /passphrase/);
    t.notMatch(stderr, /wrong horse/);
    t.equal(await radioAddress(), '');
  });

  await t.test('a join with a name that nobody has says so', async (t) => {
    const { exitCode, stderr } = await wifi('join Nowhere', 'some passphrase\n');
    t.not(exitCode, 0);
    t.match(stderr, /Nowhere/);
  });

  for (const security of ['WPA2', 'WPA3'] as const)
    await t.test(`a network with ${security} alone is joined, and gives the box an address`, async (t) => {
      if (security === 'WPA3') await neighbour.openNetwork(security);
      const startedAtMs = Date.now();
      const { exitCode, stdout, stderr } = await wifi(`join ${home.ssid}`, `${home.passphrase}\n`);
      t.equal(exitCode, 0, stderr);
      t.match(stdout, /Home is joined/);
      t.comment(`figure: Wi-Fi with ${security} joined within ${Date.now() - startedAtMs} ms`);
      t.match(await radioAddress(), /^192\.168\.77\.\d+$/);
      t.match((await wifi('')).stdout, /Network +Home/);
    });

  await t.test('it is forgotten', async (t) => {
    t.equal((await wifi(`forget ${home.ssid}`)).exitCode, 0);
    t.equal(await radioAddress(), '');
  });

  await t.test('without any network the box opens its own, and closes it once there is one', async (t) => {
    await neighbour.closeNetwork();
    const cable = await shell.run(`ip -o route get 10.0.2.2 | sed 's/.* dev \\([^ ]*\\).*/\\1/'`);
    // Under this name the cable is no way to the network of others; the test's own connection goes on over it.
    await moveCable(cable, 'veth-test');
    await shell.run('systemctl restart onair-control'); // a box that never had a network waits less than one that lost it
    let shown = '';
    try {
      await shell.run(`until onair wifi | grep -q '^Own '; do sleep 1; done`, { withinMs: 180_000 });
      shown = (await wifi('')).stdout;
      const [, ssid = '', passphrase = ''] = /^Own +(Onair-\w+), passphrase (.+)$/m.exec(shown) ?? [];
      t.match(ssid, /^Onair-/, shown);
      await neighbour.join(ssid, passphrase, '10.42.0.77');
      t.match(await neighbour.fetch('http://10.42.0.1/'), { status: 200, text: /<title>/ });
      t.match(await neighbour.fetch('http://10.42.0.1/hotspot-detect.html', 'captive.apple.com'), {
        status: 302,
        location: 'http://10.42.0.1/',
      });
    } finally {
      await moveCable('veth-test', cable);
    }
    await shell.run(`while onair wifi | grep -q '^Own '; do sleep 1; done`, { withinMs: 120_000 });
  });
});

/** Renames the interface of the cable, which may stay up meanwhile: connections over it go on. */
async function moveCable(from: string, to: string): Promise<void> {
  await shell.run(`ip link set ${from} name ${to}`);
}
