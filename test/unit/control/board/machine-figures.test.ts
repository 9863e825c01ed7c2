import { tmpdir } from 'node:os';
import t, { type Test } from 'tap';
import { MachineFigures } from '#control/board/machine-figures.ts';
import { SystemFiles } from '#test/support/system-files.ts';

async function machine(t: Test, proc: Record<string, string>, sys: Record<string, string | number> = {}) {
  const procTree = await SystemFiles.make(t, proc);
  const sysTree = await SystemFiles.make(t, sys);
  const figures = new MachineFigures({
    sysRoot: sysTree.root,
    procRoot: procTree.root,
    dataDirectory: tmpdir(),
  });
  return { figures, procTree };
}

t.test('where nothing can be read, nothing is known', async (t) => {
  const { figures } = await machine(t, {});
  t.same(
    { ...(await figures.read()), disk: null },
    { memory: null, load: null, processorBusyRatio: null, disk: null, network: [], uptimeSeconds: null },
  );
  const nowhere = new MachineFigures({
    sysRoot: '/nowhere',
    procRoot: '/nowhere',
    dataDirectory: '/nowhere',
  });
  t.equal((await nowhere.read()).disk, null);
});

t.test('memory is what programs can have, not what is free', async (t) => {
  const { figures } = await machine(t, {
    meminfo:
      'MemTotal:         425984 kB\nMemFree:           20480 kB\nMemAvailable:     204800 kB\nBuffers: 1 kB',
  });
  t.same((await figures.read()).memory, { totalBytes: 436_207_616, availableBytes: 209_715_200 });
});

t.test('load and uptime', async (t) => {
  const { figures } = await machine(t, { loadavg: '0.61 0.44 0.20 2/143 1187', uptime: '4256.93 8012.11' });
  const { load, uptimeSeconds } = await figures.read();
  t.same(load, { oneMinute: 0.61, fiveMinutes: 0.44, fifteenMinutes: 0.2 });
  t.equal(uptimeSeconds, 4_256);
});

t.test('how busy: between two readings, waiting for the disk is not work', async (t) => {
  const { figures, procTree } = await machine(t, { stat: 'cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3 4' });
  t.equal((await figures.read()).processorBusyRatio, null, 'not known at the first');
  await procTree.write({ stat: 'cpu  150 0 125 775 150 0 0 0 0 0\ncpu0 1 2 3 4' });
  t.equal((await figures.read()).processorBusyRatio, 0.375);
  t.equal((await figures.read()).processorBusyRatio, null, 'nothing passed, nothing known');
});

t.test('the disk that keeps the settings', async (t) => {
  const { figures } = await machine(t, {});
  const { disk } = await figures.read();
  t.ok(disk && disk.totalBytes > disk.availableBytes && disk.availableBytes > 0);
});

t.test('network: every interface but loopback, the signal of Wi-Fi', async (t) => {
  const { figures } = await machine(
    t,
    {
      'net/wireless':
        'Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n' +
        ' face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n' +
        ' wlan0: 0000   57.  -53.  -256        0      0      0      0      0        0',
    },
    {
      'class/net/eth0/statistics/rx_bytes': 10,
      'class/net/eth0/statistics/tx_bytes': 20,
      'class/net/eth0/operstate': 'down',
      'class/net/wlan0/statistics/rx_bytes': 30,
      'class/net/wlan0/statistics/tx_bytes': 40,
      'class/net/wlan0/operstate': 'up',
      'class/net/lo/statistics/rx_bytes': 1,
      'class/net/lo/statistics/tx_bytes': 1,
      'class/net/bonding_masters': 'bond0',
    },
  );
  t.same((await figures.read()).network, [
    { name: 'eth0', up: false, receivedBytes: 10, transmittedBytes: 20, signalDbm: null },
    { name: 'wlan0', up: true, receivedBytes: 30, transmittedBytes: 40, signalDbm: -53 },
  ]);
});
