import { basename } from 'node:path';
import t from 'tap';
import { importsOf, readText, sourceFiles } from '#test/support/source-files.ts';

// services/control is rooms that open themselves (docs/architecture.md).

const files = await sourceFiles('services/control');
/** `settings` of services/control/settings/card-settings.ts; null for main.ts. */
const roomOf = (file: string): string | null => /^services\/control\/([^/]+)\//.exec(file)?.[1] ?? null;

t.test('no rooms of control need each other in a circle, not even for a type', async (t) => {
  const needs = new Map<string, Map<string, string>>();
  for (const file of files) {
    const room = roomOf(file);
    if (room === null) continue;
    const needed = needs.get(room) ?? new Map<string, string>();
    needs.set(room, needed);
    for (const { file: imported } of await importsOf(file)) {
      const other = imported && roomOf(imported);
      if (other && other !== room) needed.set(other, `${file} imports ${imported}`);
    }
  }
  t.ok(needs.size > 20, 'rooms were found');
  // What needs nothing of what is left goes, until all have gone or a circle is left.
  const left = new Map(needs);
  for (let size = -1; size !== left.size; ) {
    size = left.size;
    for (const [room, needed] of left)
      if (![...needed.keys()].some((other) => left.has(other))) left.delete(room);
  }
  const circle = [...left.values()].flatMap((needed) =>
    [...needed].filter(([other]) => left.has(other)).map(([, why]) => why),
  );
  t.strictSame(circle, []);
});

t.test('a room is opened by one function, and by main.ts alone', async (t) => {
  const opened = files.filter((file) => basename(file).startsWith('open-'));
  t.ok(opened.length > 20, 'they were found');
  for (const file of opened) {
    const exported = [
      ...(await readText(file)).matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm),
    ];
    t.match(exported, [[/./, /^open[A-Z]/]], `${file} exports one function`);
    t.equal(exported.length, 1, `${file} exports nothing else that runs`);
  }
  const wrong: string[] = [];
  for (const file of files) {
    if (roomOf(file) === null) continue;
    for (const { file: imported, isTypeOnly } of await importsOf(file))
      if (imported && !isTypeOnly && opened.includes(imported)) wrong.push(`${file} opens ${imported}`);
  }
  t.strictSame(wrong, []);
});
