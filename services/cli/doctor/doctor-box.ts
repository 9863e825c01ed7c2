import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { asRoot, type Finding } from './finding.ts';

const run = promisify(execFile);
const daemons = ['control', 'media', 'egress', 'panel', 'console', 'outputs'];
const users = daemons.map((name) => `onair-${name}`);
/** Those that must run; the others do their work once, or when they are asked. */
const running = [
  'onair-control.socket',
  'onair-control-https.socket',
  ...users.map((user) => `${user}.service`),
];
const others = ['first-boot', 'boot-settings', 'usb-gadget', 'hostname', 'wifi-country', 'screen', 'reboot'];
const units = [...running, ...others.map((name) => `onair-${name}.service`)];
const stateDirectory = '/var/lib/onair';

/** Whether this machine is a box, and not a checkout on a machine with other things to do. */
export function isBox(): boolean {
  return import.meta.url.startsWith('file:///usr/lib/onair/') && existsSync('/run/systemd/system');
}

/** What only an installed box has: units, users, and the folder that keeps its settings. */
export async function examineBox(): Promise<Finding[]> {
  return [...(await checkUnits()), ...(await checkUsers()), await checkState()];
}

export interface UnitState {
  id: string;
  loaded: boolean;
  active: boolean;
  result: string;
}

/** What `systemctl show -p Id -p LoadState -p ActiveState -p Result` prints: a paragraph a unit. */
export function readUnits(printed: string): UnitState[] {
  return printed
    .trim()
    .split(/\n\n+/)
    .map((paragraph) => {
      const properties = new Map(paragraph.split('\n').map((line) => line.split('=', 2) as [string, string]));
      return {
        id: properties.get('Id') ?? '',
        loaded: properties.get('LoadState') === 'loaded',
        active: properties.get('ActiveState') === 'active',
        result: properties.get('Result') ?? 'success',
      };
    });
}

/** @param wanted whether the unit must run now */
export function unitFinding({ id, loaded, active, result }: UnitState, wanted: boolean): Finding {
  const failed = result !== 'success';
  const present = loaded && !failed && (active || !wanted);
  const finding = { what: id, present, needed: wanted, wrong: true };
  if (!loaded) {
    return {
      ...finding,
      without: 'systemd does not know it',
      fix: asRoot('apt-get install --reinstall onair'),
    };
  }
  const why = failed ? `it failed (${result})` : 'it is not running';
  const log = `journalctl -u ${id} -n 20 says why`;
  return { ...finding, without: why, fix: `${asRoot(`systemctl restart ${id}`)}; ${asRoot(log)}` };
}

async function checkUnits(): Promise<Finding[]> {
  const properties = ['Id', 'LoadState', 'ActiveState', 'Result'].flatMap((name) => ['-p', name]);
  const { stdout } = await run('systemctl', ['show', ...properties, ...units]);
  return readUnits(stdout).map((unit) => unitFinding(unit, running.includes(unit.id)));
}

async function checkUsers(): Promise<Finding[]> {
  const groups = await readFile('/etc/group', 'utf8');
  const has = (user: string): boolean => new RegExp(`^${user}:`, 'm').test(groups);
  return users.map((user) => ({
    what: `user ${user}, with a group of its own`,
    present: has(user),
    without: 'its daemon can not start, or not reach control',
    fix: asRoot('systemd-sysusers onair.conf'),
    needed: true,
  }));
}

/** Settings that control can't write are settings that nobody keeps. */
async function checkState(): Promise<Finding> {
  const owner = await run('id', ['-u', 'onair-control']).then(
    ({ stdout }) => Number(stdout),
    () => null,
  );
  const folder = await stat(stateDirectory).catch(() => null);
  return {
    what: `${stateDirectory}, control's own`,
    present: folder !== null && folder.uid === owner && (folder.mode & 0o077) === 0,
    without: folder === null ? 'it is not there' : 'another user owns it, or others may look into it',
    fix: asRoot('systemctl restart onair-control'),
    needed: true,
    wrong: true,
  };
}
