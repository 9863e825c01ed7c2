import t from 'tap';
import { linkStatus, untilStatus } from '../../support/vm/guest-box.ts';
import { Laptop } from '../../support/vm/laptop.ts';
import { runningBox, standardBox } from '../../support/vm/standard-box.ts';

const vm = await runningBox(t);
const { shell } = vm;
const gadget = '/usr/lib/onair/firmware/usb-gadget/usb-gadget';

t.test('set up and go live over the USB cable', async (t) => {
  const laptop = await Laptop.open(shell);
  t.teardown(() => laptop.close());

  await t.test('it greets whoever presses Enter', async (t) => {
    const startedAtMs = Date.now();
    laptop.send('');
    await laptop.expect(/Onair [\d.]+: .*onair> /s);
    t.comment(`figure: greeting after ${Date.now() - startedAtMs} ms`);
    t.match(laptop.text, standardBox.name);
    t.match(laptop.text, `${standardBox.hostname}.local`);
  });

  await t.test('a person sets the name, in the middle of a line that a program would send', async (t) => {
    const from = laptop.text.length;
    laptop.send('set device.name Chapel\r');
    await laptop.expect(/device\.name is set/, { from });
    t.equal((await linkStatus(shell)).device.name, 'Chapel');
  });

  await t.test('a program sets PIN and quality', async (t) => {
    laptop.send('');
    t.match(await laptop.call('set', { key: 'viewing.pin', value: '24680' }), {
      key: 'viewing.pin',
      changed: true,
    });
    t.match(await laptop.call('set', { key: 'viewing.access', value: 'pin' }), { changed: true });
    t.match(await laptop.call('set', { key: 'video.bitrateKbps', value: 150 }), { changed: true });
    const read = (await laptop.call('get', { key: 'viewing' })) as { settings: Record<string, unknown> };
    t.strictSame(read.settings['viewing.pin'], { set: true }, 'a secret is never read');
    t.notMatch(laptop.text.replace(/.*"method":"set".*/g, ''), '24680');
    const refused = await fetch(`${vm.origin}/hls/live.m3u8`, {
      signal: AbortSignal.timeout(shell.within(60_000)),
    });
    t.equal(refused.status, 401, 'watching asks for the PIN now');
  });

  await t.test('goes live, and is seen to be live', async (t) => {
    // On an emulated processor going live may take longer than a person would be told to wait.
    await laptop.call('live', {}, 120_000).catch((error: Error) => t.comment(error.message));
    await untilStatus(shell, (status) => status.broadcast.state === 'live', 120_000);
    const status = await (await fetch(`${vm.origin}/api/v1/status`)).json();
    t.match(status, { device: { name: 'Chapel' }, broadcast: { state: 'live' } });
  });

  await t.test('the cable is pulled in mid-line: the broadcast goes on', async (t) => {
    laptop.send('{"jsonrpc":"2.0","id":99,"method":"stop"');
    await shell.run(`${gadget} unplug`);
    await laptop.unplugged();
    t.equal((await linkStatus(shell)).broadcast.state, 'live');
    t.equal(await shell.run('systemctl show -p NRestarts --value onair-console'), '0');
  });

  await t.test('plugged in again, it greets again and obeys', async (t) => {
    const startedAtMs = Date.now();
    await shell.run(`${gadget} plug`);
    const again = await Laptop.open(shell);
    try {
      again.send('');
      await again.expect(/Onair [\d.]+: Chapel/);
      t.comment(`figure: plug to greeting, with the laptop's program: ${Date.now() - startedAtMs} ms`);
      // Where the emulation is too slow for the picture, the slate is on the air between: it goes on, it was not stopped.
      t.match(await again.call('status'), { broadcast: { state: /^(live|retrying)$/ } });
      await again.call('stop', {}, 60_000);
      t.equal((await linkStatus(shell)).broadcast.state, 'offline');
      const { name, video } = standardBox;
      await again.call('set', { key: 'viewing.access', value: 'open' });
      await again.call('set', { key: 'viewing.pin', value: null });
      await again.call('set', { key: 'device.name', value: name });
      await again.call('set', { key: 'video.bitrateKbps', value: video.bitrateKbps });
    } finally {
      await again.close();
    }
  });
});

t.test('the same port is there under a name that stays', async (t) => {
  t.match(await shell.run('ls /dev/serial/by-id/'), /Onair/i);
});
