import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../fixtures', import.meta.url));

/** The example messages of one protocol in one direction: "signaling/device-to-server". */
export function fixtures(path: string): { name: string; message: Record<string, unknown> }[] {
  const folder = join(root, path);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({
      name: name.replace('.json', ''),
      message: JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>,
    }));
}
