import { readFile } from 'node:fs/promises';
import { machine } from 'node:os';

/** What Improv tools show of the box besides its name. */
export interface Machine {
  hardware: string;
  osName: string;
  osVersion: string;
}

/** @param root "/" */
export async function readMachine(root: string): Promise<Machine> {
  const read = (path: string): Promise<string> => readFile(`${root}${path}`, 'utf8').catch(() => '');
  const model = (await read('sys/firmware/devicetree/base/model')).replaceAll('\0', '').trim();
  const release = await read('etc/os-release');
  const field = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? '';
  return {
    hardware: model || machine(),
    osName: field('NAME') || 'Linux',
    osVersion: field('VERSION_ID'),
  };
}
