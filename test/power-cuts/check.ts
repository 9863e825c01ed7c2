import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readRecordedFile } from '#core/fmp4/recorded-file.ts';
import { type Acknowledged, stateFolder } from './story.ts';

/** What may be missing of a recording: the fragment that was on its way. */
const mayMissSeconds = 1;

/** On a box these are in memory (/run), and gone with the power. */
const inMemory = ['control-starts.json', 'desired.json', 'publisher-start.json', 'taken-source.json'];

/** What of a disk's state is broken, or was acknowledged and is not there; empty where all is well. */
export async function lossesIn(mounted: string, expected: readonly Acknowledged[]): Promise<string[]> {
  const folder = join(mounted, stateFolder);
  const names = await readdir(folder).catch(() => [] as string[]);
  const losses: string[] = [];
  const read = async (name: string): Promise<unknown> => {
    if (!names.includes(name)) return null;
    try {
      return JSON.parse(await readFile(join(folder, name), 'utf8'));
    } catch (error) {
      losses.push(`${name} can't be read: ${(error as Error).message}`);
      return null;
    }
  };
  const files: Record<string, string> = {};
  for (const name of names.filter((each) => each.endsWith('.json') && !inMemory.includes(each)))
    files[name] = JSON.stringify(await read(name));
  const settings = JSON.parse(files['settings.json'] ?? 'null') as {
    settings?: { broadcast?: { description?: string } };
  } | null;
  const stored = Number(/"description":"(\d+)"/.exec(JSON.stringify(settings))?.[1] ?? 0);
  const held = { output: 'outputs.json', device: 'devices.json', operator: 'operators.json' } as const;
  const lastSecond = new Map<string, number>();
  for (const one of expected) {
    switch (one.kind) {
      case 'setting':
        if (stored < one.number) losses.push(`setting ${one.number}: it has ${stored}`);
        break;
      case 'recording':
        lastSecond.set(one.id, Math.max(one.seconds, lastSecond.get(one.id) ?? 0));
        break;
      case 'update':
        if (!(await readFile(join(folder, 'update/card.json'), 'utf8').catch(() => '')).includes(one.version))
          losses.push(`the committed version ${one.version}`);
        break;
      default:
        if (!files[held[one.kind]]?.includes(`"${one.name}"`)) losses.push(`${one.kind} ${one.name}`);
    }
  }
  for (const [id, seconds] of lastSecond) {
    const found = await recordedSeconds(join(folder, 'recordings'), id).catch((error: Error) => error);
    if (found instanceof Error) losses.push(`recording ${id}: ${found.message}`);
    else if (found < seconds - mayMissSeconds)
      losses.push(`recording ${id}: ${found.toFixed(1)} of ${seconds.toFixed(1)} s`);
  }
  return losses;
}

async function recordedSeconds(folder: string, id: string): Promise<number> {
  const path = join(folder, `${id}.mp4`);
  await stat(path);
  const file = await open(path, 'r');
  try {
    return (await readRecordedFile(file)).durationSeconds;
  } finally {
    await file.close();
  }
}
