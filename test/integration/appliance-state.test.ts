import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';

t.setTimeout(240_000);

interface ReadSettings {
  device: { id: string; name: string };
  broadcast: { title: string };
  viewing: { maxViewers: number; pin: unknown };
}

async function settingsOf(appliance: Appliance): Promise<ReadSettings> {
  return (await appliance.call('GET', '/api/v1/settings')) as ReadSettings;
}

t.test('settings and identities survive a restart, and a torn file falls back', async (t) => {
  const first = await Appliance.start();
  const { stateDirectory } = first;
  await first.call('PATCH', '/api/v1/settings', { device: { name: 'Chapel' }, viewing: { pin: '2468' } });
  await first.call('PATCH', '/api/v1/settings', { viewing: { maxViewers: 33 } });
  const before = await first.status();
  t.equal((await first.onair('live')).exitCode, 0);
  await first.close({ keepState: true });

  const second = await Appliance.start({ stateDirectory });
  const after = await second.status();
  t.match(await settingsOf(second), {
    device: { name: 'Chapel' },
    viewing: { maxViewers: 33, pin: { set: true } },
  });
  t.equal(after.device.id, before.device.id, 'the same device');
  t.equal(after.stream.id, before.stream.id, 'the same stream');
  t.equal(after.broadcast.state, 'offline', 'a broadcast does not survive a reboot by itself');
  await second.close({ keepState: true });

  const path = join(stateDirectory, 'settings.json');
  const { length } = await readFile(path, 'utf8');
  await truncate(path, Math.floor(length / 2));
  const third = await Appliance.start({ stateDirectory });
  const fallen = await settingsOf(third);
  t.match(fallen, { device: { id: before.device.id, name: 'Chapel' }, viewing: { pin: { set: true } } });
  t.equal(fallen.viewing.maxViewers, 10, 'only the last change is lost');
  t.match(await third.logs(), /settings\.json.*the settings file cannot be used; falling back to its backup/);
  t.notMatch(await third.logs(), /2468/, 'without a word of what is in it');
  await third.call('PATCH', '/api/v1/settings', { viewing: { maxViewers: 44 } });
  await third.close({ keepState: true });

  // Both at once: the box starts over rather than not at all, and keeps what was there for people.
  await writeFile(path, '');
  await writeFile(`${path}.bak`, '{"device":');
  const fourth = await Appliance.start({ stateDirectory });
  t.equal((await settingsOf(fourth)).device.name, 'Onair');
  t.equal((await fourth.onair('live')).exitCode, 0, 'and goes live');
  await fourth.close();
});
