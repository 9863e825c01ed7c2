import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { DurableFile, type TornFile } from '#control/storage/durable-file.ts';
import { PowerCuts } from '#test/support/power-cuts.ts';

const schema = z.object({ count: z.number() });
type Counted = z.infer<typeof schema>;

function newFile(t: Test, path = join(t.testdir(), 'store', 'counted.json')) {
  const torn: TornFile[] = [];
  const file = new DurableFile<Counted>({
    path,
    check: (value) => schema.parse(value),
    onTorn: (one) => torn.push(one),
  });
  return { file, path, torn };
}

/** A folder with files, and the durable file among them. */
function withFiles(t: Test, files: Record<string, string>) {
  const folder = t.testdir(files);
  return { folder, ...newFile(t, join(folder, 'counted.json')) };
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

t.test('the first write makes the folder and a file for its owner only', async (t) => {
  const { file, path, torn } = newFile(t);
  t.equal(await file.read(), null);
  await file.write({ count: 1 });
  t.same(await file.read(), { count: 1 });
  t.equal(await modeOf(path), 0o600);
  t.equal(await modeOf(join(path, '..')), 0o700);
  t.same(await readdir(join(path, '..')), ['counted.json'], 'no backup of nothing, nothing temporary left');
  t.same(torn, [], 'a file that is not there yet is no fault');
});

t.test('each write leaves the one before it as the backup', async (t) => {
  const { file, path } = newFile(t);
  for (const count of [1, 2, 3]) await file.write({ count });
  t.same(JSON.parse(await readFile(path, 'utf8')), { count: 3 });
  t.same(JSON.parse(await readFile(`${path}.bak`, 'utf8')), { count: 2 });
  t.equal(await modeOf(`${path}.bak`), 0o600);
});

t.test('writes at once are done in the order they were asked for', async (t) => {
  const { file, path } = newFile(t);
  const counts = Array.from({ length: 20 }, (_, count) => count);
  const data = { count: -1 };
  const writes = counts.map((count) => {
    data.count = count; // what is written is what was given, not what became of it
    return file.write(data);
  });
  data.count = 99;
  await Promise.all(writes);
  t.same(await file.read(), { count: 19 });
  t.same(JSON.parse(await readFile(`${path}.bak`, 'utf8')), { count: 18 });
});

const unusable: Record<string, string> = {
  'an empty file': '',
  'a torn one': '{"count": 12',
  'a file of zeros': '\0'.repeat(4096),
  'another shape': '{"count": "many"}',
  'no object': '7',
  null: 'null',
  'not JSON': '<html>',
  'bytes that are no text': '\ufffd\u0000\uffff',
};
for (const [what, content] of Object.entries(unusable)) {
  t.test(`${what} falls back to the backup, says so, and is kept aside`, async (t) => {
    const { file, folder, path, torn } = withFiles(t, {
      'counted.json': content,
      'counted.json.bak': '{"count": 7}',
    });
    t.same(await file.read(), { count: 7 });
    t.equal(torn.length, 1);
    t.equal(torn[0]?.path, path);
    t.match(torn[0]?.problem, /\w/);
    t.equal(await readFile(join(folder, 'counted.json.unusable'), 'utf8'), content);
    await file.write({ count: 8 });
    t.same(
      JSON.parse(await readFile(`${path}.bak`, 'utf8')),
      { count: 7 },
      'the good backup stays, the unusable file does not take its place',
    );
    t.same(await file.read(), { count: 8 });
  });
}

t.test('where both are unusable nothing is invented, and both are named', async (t) => {
  const { file, torn, path } = withFiles(t, { 'counted.json': '{', 'counted.json.bak': '[]' });
  t.equal(await file.read(), null);
  t.same(
    torn.map((one) => one.path),
    [path, `${path}.bak`],
  );
});

t.test('a folder in the place of the file is an error, not an end', async (t) => {
  const { file, path, torn } = newFile(t);
  await mkdir(path, { recursive: true });
  t.equal(await file.read(), null);
  t.match(torn[0]?.problem, /EISDIR/);
  await t.rejects(file.write({ count: 1 }));
});

t.test('what a power cut left half written is neither read nor in the way', async (t) => {
  const { file, folder, torn } = withFiles(t, {
    'counted.json': '{"count": 1}',
    'counted.json.tmp': '{"cou',
  });
  await chmod(join(folder, 'counted.json.tmp'), 0o644);
  t.same(await file.read(), { count: 1 });
  t.same(torn, []);
  await file.write({ count: 2 });
  t.equal(await modeOf(join(folder, 'counted.json')), 0o600, 'nor does its mode live on');
  t.same((await readdir(folder)).sort(), ['counted.json', 'counted.json.bak']);
});

t.test('a link in the place of the temporary file is not written through', async (t) => {
  const { file, folder } = withFiles(t, { 'victim.txt': 'precious' });
  await symlink(join(folder, 'victim.txt'), join(folder, 'counted.json.tmp'));
  await file.write({ count: 1 });
  t.equal(await readFile(join(folder, 'victim.txt'), 'utf8'), 'precious');
});

t.test('a folder that cannot be made rejects the write, and the next one may work', async (t) => {
  const folder = t.testdir({ parent: 'a file, where a folder is to be' });
  const { file } = newFile(t, join(folder, 'parent', 'counted.json'));
  await t.rejects(file.write({ count: 1 }), { code: /EEXIST|ENOTDIR/ });
  t.equal(await file.read(), null);
});

t.test(
  'a write that fails anywhere is not acknowledged, loses nothing, and does not stop the next',
  async (t) => {
    const steps = [
      'write counted.json.tmp',
      'sync counted.json.tmp',
      'sync counted.json.bak.tmp',
      'rename counted.json.bak.tmp counted.json.bak',
      'rename counted.json.tmp counted.json',
      'sync .',
    ];
    for (const step of steps) {
      const { file, folder } = withFiles(t, { 'counted.json': '{"count": 1}' });
      const cuts = new PowerCuts(folder);
      cuts.start();
      try {
        cuts.failures.set(step, 'ENOSPC');
        await t.rejects(file.write({ count: 2 }), { code: 'ENOSPC' }, step);
        cuts.failures.clear();
        const kept = await file.read();
        t.ok(
          kept?.count === 1 || (step === 'sync .' && kept?.count === 2),
          `${step}: ${kept?.count} is there`,
        );
        await file.write({ count: 3 });
        t.same(await file.read(), { count: 3 });
      } finally {
        cuts.stop();
      }
    }
  },
);

t.test(
  'a power cut after any step leaves the old value or the new one; once acknowledged the new one',
  async (t) => {
    const { file, folder } = withFiles(t, {});
    const cuts = new PowerCuts(folder);
    cuts.start();
    const acknowledged: number[] = [];
    try {
      for (const count of [1, 2, 3]) {
        await file.write({ count });
        acknowledged.push(cuts.states.length);
      }
    } finally {
      cuts.stop();
    }
    t.ok(cuts.operations.includes('sync .'), 'the folder is synced');
    t.ok(cuts.operations.length >= 4 + 7 + 7 - 2, cuts.operations.join(', '));
    for (const [index, { operation, files }] of cuts.states.entries()) {
      const card = join(folder, `card-${index}`);
      await mkdir(card);
      for (const [name, content] of files) await writeFile(join(card, name), content);
      const after = new DurableFile({
        path: join(card, 'counted.json'),
        check: schema.parse,
        onTorn: () => {},
      });
      const done = acknowledged.filter((states) => states <= index + 1).length;
      const value = (await after.read())?.count ?? 0;
      t.ok(value === done || value === done + 1, `after "${operation}": ${value} of ${done} acknowledged`);
      await after.write({ count: 50 });
      t.same(await after.read(), { count: 50 }, 'and the store goes on from there');
    }
  },
);
