import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import t from 'tap';
import { requirements } from '../../conformance/requirements.ts';

const folders = ['http', 'sdp', 'ice', 'dtls', 'rtp', 'life'] as const;
const folderOf = new URL('../../conformance/', import.meta.url);

t.test('each file that has a requirement is in the list, under its own name and in its group', async (t) => {
  const inFiles: string[] = [];
  for (const group of folders) {
    for (const name of await readdir(new URL(`${group}/`, folderOf))) {
      const module = (await import(new URL(`${group}/${name}`, folderOf).href)) as {
        requirement?: { id: string; group: string };
      };
      if (module.requirement === undefined) continue; // what several of them share
      t.match(module.requirement, { id: basename(name, '.ts'), group }, name);
      inFiles.push(module.requirement.id);
    }
  }
  const listed = requirements.map(({ id }) => id);
  t.same([...listed].sort(), inFiles.sort());
});

t.test('each names a section of its own document or of another, and one sentence', async (t) => {
  for (const { id, section, kinds, requirement } of requirements) {
    if (typeof section === 'string') t.match(section, /^(RFC \d+|draft-[a-z-]+\d\d|Fetch), \d/, id);
    else for (const kind of kinds) t.match(section[kind], /^\d+(\.\d+)*$/, id);
    t.match(requirement, /^\S.*\.$/, id);
  }
});
