import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { BareControl } from '../support/bare-control.ts';

t.setTimeout(240_000);
const withinMs = 30_000;

// A person edits what the first start has made: all that a box makes for itself is there.
const identity = '"device": {"id": "box-1", "name": "Box"}, "ingest": {"key": "zu7vez2u6hcg3gfi2jni"},\n';
const broadcast = (title: string): string =>
  `"broadcast": {"streamId": "6c9ff6a6-2f65-4d5a-9d1b-6c8d6d6f0a11", "title": "${title}"}`;

t.test('settings that a person edited are read', async (t) => {
  const control = await BareControl.make(t);
  const path = join(control.folder, 'settings.json');
  const text = `\uFEFF{\r\n  // by hand\r\n  ${identity} /* and\r\n this */ ${broadcast('Evensong')},\r\n}\r\n`;
  await writeFile(path, text);
  control.start();
  const status = await control.box.until(({ ports }) => ports.http !== null, withinMs);
  t.match(status.stream, { title: 'Evensong' });
  t.match(status.device, { id: 'box-1' });
  t.same(status.problems, []);
  await control.box.call('PATCH', '/api/v1/settings', { viewing: { maxViewers: 7 } });
  t.match(JSON.parse(await readFile(path, 'utf8')), { viewing: { maxViewers: 7 } });
  t.equal(await readFile(`${path}.bak`, 'utf8'), text, 'what was written is the backup');
});

t.test('a mistake is told by its line, and the card is not blamed', async (t) => {
  const control = await BareControl.make(t);
  const path = join(control.folder, 'settings.json');
  await writeFile(`${path}.bak`, `{${identity}${broadcast('Before')}}`);
  await writeFile(
    path,
    `{\n  ${identity}  ${broadcast('After').replace(' "title"', '\n "title"')}\n  "viewing": {}\n}`,
  );
  control.start();
  const { stream, problems } = await control.box.until(({ ports }) => ports.http !== null, withinMs);
  t.match(stream, { title: 'Before' });
  t.match(problems, [
    {
      code: 'stored-settings',
      message: /settings\.json could not be used \(line 5: a comma is missing/,
      action: /^Correct/,
    },
  ]);
  t.match(problems[0]?.message, /settings\.json\.unusable: an older one holds/);
  t.notMatch(JSON.stringify(problems), /card|After/);
});
