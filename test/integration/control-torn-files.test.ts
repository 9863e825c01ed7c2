import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  chown,
  cp,
  lchown,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ApiClient } from '#core/protocol/client.ts';
import { enrollDevice, listDevices } from '#core/protocol/endpoints/devices.ts';
import { listOperators } from '#core/protocol/endpoints/operators.ts';
import { addOutput, listOutputs } from '#core/protocol/endpoints/outputs.ts';
import { changeSettings, getSettings } from '#core/protocol/endpoints/settings.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { BareControl } from '../support/bare-control.ts';

t.setTimeout(280_000);
const startWithinMs = 20_000;
const isRoot = process.getuid?.() === 0;
/** Numbers of nobody on this machine: whom control runs as, and who owns what it may not read. */
const boxUser = 64_321;
const otherUser = 64_322;

/** What a box has after a while, each by the file that holds it. */
interface Facts {
  'settings.json': string;
  'outputs.json': string[];
  'devices.json': string[];
  'operators.json': string[];
  'token.key': string;
  'tls/authority.pem': string;
}
type Kept = keyof Facts;
const kept: readonly Kept[] = [
  'settings.json',
  'outputs.json',
  'devices.json',
  'operators.json',
  'token.key',
  'tls/authority.pem',
];
/** What people are told where it is lost; the others are made again, which the log says. */
const said: Partial<Record<Kept, string>> = {
  'settings.json': 'Stored settings',
  'outputs.json': 'outputs',
  'devices.json': 'enrolled boxes',
  'operators.json': 'who may operate',
};
/** Nothing that anybody set is in these. */
const incidental = ['tls/leaf.pem', 'on-air.json', 'settings.proven.json', 'access-point.json'];

const faults: Record<string, (path: string) => Promise<void>> = {
  torn: async (path) => truncate(path, Math.floor((await stat(path)).size / 2)),
  'from the future': (path) =>
    writeFile(path, JSON.stringify({ version: 999, format: 'another', entries: [{ id: 1 }] })),
  ...(isRoot
    ? {
        'of another owner': async (path: string) => {
          await chown(path, otherUser, otherUser);
          await chmod(path, 0o600);
        },
      }
    : {}),
};
/** These are like the ones above in all but what is left: one start for each, with every file so. */
const faultsOfAll: Record<string, (path: string) => Promise<void>> = {
  empty: (path) => truncate(path, 0),
  'full of zeroes': async (path) => writeFile(path, Buffer.alloc((await stat(path)).size)),
  'replaced by a folder': async (path) => {
    await rm(path);
    await mkdir(path);
  },
};

const apiOf = (control: BareControl) =>
  new ApiClient<'operator'>(linkTransport(join(control.folder, 'control.sock')));
/** Empty where it can't be read. */
async function digestOf(path: string): Promise<string> {
  const bytes = await readFile(path).catch(() => null);
  return bytes === null ? '' : createHash('sha256').update(bytes).digest('hex');
}

async function factsOf(control: BareControl): Promise<Facts> {
  const api = apiOf(control);
  const { device } = (await api.call(getSettings)) as { device: { name: string } };
  return {
    'settings.json': device.name,
    'outputs.json': (await api.call(listOutputs)).outputs.map(({ name }) => name),
    'devices.json': (await api.call(listDevices)).devices.filter(({ own }) => !own).map(({ id }) => id),
    'operators.json': (await api.call(listOperators)).operators.map(({ name }) => name),
    'token.key': await digestOf(join(control.folder, 'token.key')),
    'tls/authority.pem': await digestOf(join(control.folder, 'tls/authority.pem')),
  };
}

/** As systemd starts it on a box: as a user of its own. */
function start(control: BareControl): void {
  const asUser = ['setpriv', `--reuid=${boxUser}`, `--regid=${boxUser}`, '--clear-groups'];
  control.start({ HOME: control.folder, ONAIR_HTTPS_PORT: '0' }, isRoot ? asUser : []);
}

async function giveTo(folder: string, user: number): Promise<void> {
  if (!isRoot) return;
  await chown(folder, user, user);
  for (const name of await readdir(folder, { recursive: true })) await lchown(join(folder, name), user, user);
}

/** The state of a box that has been used, switched off. */
async function usedBox(t: Test): Promise<{ folder: string; facts: Facts }> {
  const control = await BareControl.make(t);
  const operator = { createdAt: '2026-01-01T00:00:00.000Z', lastSeenAt: null };
  const operators = [{ ...operator, id: 'op-1', name: 'Verger', secretHash: 'a'.repeat(64) }];
  await writeFile(join(control.folder, 'operators.json'), JSON.stringify({ version: 1, operators }));
  await writeFile(join(control.folder, 'on-air.json'), JSON.stringify({ live: false }));
  await writeFile(
    join(control.folder, 'access-point.json'),
    JSON.stringify({ passphrase: 'aaaa-bbbb-cccc' }),
  );
  await giveTo(control.folder, boxUser);
  start(control);
  await control.box.until(({ ports }) => ports.https !== null, startWithinMs);
  const deadlineMs = Date.now() + startWithinMs;
  while ((await digestOf(join(control.folder, 'tls/leaf.pem'))) === '') {
    if (Date.now() > deadlineMs) throw new Error('the box made itself no certificate');
    await setTimeout(50);
  }
  const api = apiOf(control);
  await api.call(changeSettings, { body: { device: { name: 'Chapel' } } });
  await api.call(addOutput, { body: { name: 'One', url: 'rtmp://127.0.0.1:1/live/key', enabled: false } });
  await api.call(enrollDevice, { body: { id: 'loft', name: 'Loft' } });
  const facts = await factsOf(control);
  t.equal(await control.stop(), 0);
  return { folder: control.folder, facts };
}

const used = await usedBox(t);

/** A copy of that box, in which something happens before it starts again. */
async function boxAfter(t: Test, happens: (folder: string) => Promise<void>): Promise<BareControl> {
  const control = await BareControl.make(t);
  await cp(used.folder, control.folder, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  await giveTo(control.folder, boxUser);
  await happens(control.folder);
  start(control);
  return control;
}

/** That control is as it was but for `file`, and says what people miss. */
async function check(t: Test, control: BareControl, file: string | null): Promise<void> {
  const { daemons, problems } = await control.box.until(({ ports }) => ports.http !== null, startWithinMs);
  t.equal(daemons.control?.pid, control.pid, 'at once');
  const facts = await factsOf(control);
  for (const other of kept.filter((name) => name !== file && file !== null))
    t.strictSame(facts[other], used.facts[other], `${other} is as it was`);
  const lost = kept.filter((name) => JSON.stringify(facts[name]) !== JSON.stringify(used.facts[name]));
  for (const name of lost.filter((each) => each in said))
    t.ok(
      problems.some(({ message }) => message.includes(said[name] ?? '')),
      `it says that something of ${name} is lost`,
    );
  t.notMatch(control.printed, /this daemon restarts|could not start/, 'nothing fell');
}

async function inflictOn(
  folder: string,
  file: string,
  inflict: (path: string) => Promise<void>,
): Promise<void> {
  // The backup is lost with it: that is the worst which can happen to one file.
  await rm(join(folder, `${file}.bak`), { force: true });
  const path = join(folder, file);
  if (await stat(path).catch(() => null)) await inflict(path);
  else await writeFile(path, '{');
}

for (const [fault, inflict] of Object.entries(faults)) {
  for (const file of kept)
    t.test(`control starts with ${file} ${fault}`, async (t) => {
      const control = await boxAfter(t, (folder) => inflictOn(folder, file, inflict));
      await check(t, control, file);
      t.equal(await control.stop(), 0);
    });
}

for (const [fault, inflict] of Object.entries({ ...faults, ...faultsOfAll })) {
  t.test(`control starts with every file ${fault}`, async (t) => {
    const control = await boxAfter(t, async (folder) => {
      for (const file of [...kept, ...incidental]) await inflictOn(folder, file, inflict);
    });
    await check(t, control, null);
    await apiOf(control).call(changeSettings, { body: { device: { name: 'Again' } } });
    t.equal(await control.stop(), 0);
  });
}

const mountable = spawnSync('unshare', ['--mount', 'true']).status === 0;
const skip = mountable ? false : 'this user may not mount';

t.test(
  'control starts on a full card with all that is on it, and refuses what does not fit',
  { skip },
  async (t) => {
    const control = await BareControl.make(t);
    const card = join(control.folder, 'card');
    await mkdir(card);
    // What is on the card, and not a byte more: seen by control alone.
    const script = `mount -t tmpfs -o size=512k tmpfs "$1" && cp -a "$2"/. "$1"/ && rm -f "$1"/*.sock &&
    cat /dev/zero >"$1/full" 2>/dev/null; shift 2; exec "$@"`;
    const within = [
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      script,
      'sh',
      card,
      used.folder,
    ];
    control.start({ ONAIR_DATA: card, ONAIR_HTTPS_PORT: '0' }, within);
    const { daemons, problems } = await control.box.until(({ ports }) => ports.http !== null, startWithinMs);
    t.equal(daemons.control?.pid, control.pid, 'at once');
    t.ok(problems.some(({ code }) => code === 'card-full'));
    const facts = await factsOf(control);
    for (const name of ['settings.json', 'outputs.json', 'devices.json', 'operators.json'] as const)
      t.strictSame(facts[name], used.facts[name], name);
    await t.rejects(
      apiOf(control).call(changeSettings, { body: { device: { name: 'Other' } } }),
      /nothing was changed/,
    );
    t.equal((await factsOf(control))['settings.json'], 'Chapel');
  },
);
