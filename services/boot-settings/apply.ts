import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BootProblem, type BootSettings, bootSettings } from '#core/domain/boot-settings.ts';
import { withKeys } from './authorized-keys.ts';
import { type BootFile, readBootFile } from './boot-file.ts';
import { overwriteFile, replaceFile } from './replace-file.ts';
import { connectionFile, wpa3ConnectionFile } from './wifi-connection.ts';

/** Where everything is; a test has its own. */
export interface BootPlaces {
  /** "/boot/firmware/onair.toml" */
  file: string;
  /** "/run/onair-boot": for control and the doctor, until the next start. */
  runtimeDirectory: string;
  /** "/var/lib/onair": what is not applied yet survives a power cut here. */
  dataDirectory: string;
  /** "/etc/NetworkManager/system-connections" */
  connections: string;
  /** "/root/.ssh/authorized_keys" */
  authorizedKeys: string;
}

const maxBytes = 64 * 1024;

/**
 * Applies onair.toml at boot, before anything else of Onair runs. What only root may do is done here (the network, the
 * SSH keys); settings are left for control. Secrets are blanked in the file once they are kept elsewhere.
 * @returns what is to be said on the screen, and whether SSH is wanted
 */
export async function applyBootFile(
  places: BootPlaces,
): Promise<{ problems: BootProblem[]; sshWanted: boolean }> {
  const loaded = await load(places.file);
  if (loaded === null) return { problems: [], sshWanted: false };
  if ('problem' in loaded) {
    await leave(places, { digest: '', patch: null, outputs: [], wifi: null, problems: [loaded.problem] });
    return { problems: [loaded.problem], sshWanted: false };
  }
  const { text } = loaded;
  const found = readBootFile(text);
  const problems = [...found.problems];
  const wifi = found.wifi === null ? null : { ssid: found.wifi.ssid };
  await attempt(problems, 'the SSH keys', () => writeKeys(places.authorizedKeys, found.sshKeys));
  const digest = digestOf(found.blanked);
  const pending = await readPending(places);
  let patch: BootSettings['patch'] = null;
  let outputs: BootSettings['outputs'] = [];
  if ((await appliedDigest(places)) !== digestOf(text)) {
    const same = pending?.digest === digestOf(text);
    patch = same ? pending.patch : found.patch;
    outputs = same ? pending.outputs : found.outputs;
    if (!same) await applyNew(places, found, { digest, patch, outputs, problems });
  }
  await leave(places, { digest, patch, outputs, wifi, problems });
  return { problems, sshWanted: found.sshKeys.length > 0 };
}

/** What the file says is new: kept first, and then its secrets are blanked. */
async function applyNew(
  places: BootPlaces,
  found: BootFile,
  {
    digest,
    patch,
    outputs,
    problems,
  }: Pick<BootSettings, 'digest' | 'patch' | 'outputs'> & { problems: BootProblem[] },
): Promise<void> {
  const keptNetwork = await attempt(problems, 'the network', () => writeConnection(places, found, problems));
  const keptSettings = await attempt(problems, 'the settings', async () => {
    const text = JSON.stringify({ digest, patch, outputs, wifi: null, problems: [] } satisfies BootSettings);
    await replaceFile(pendingPath(places), text, 0o640);
  });
  if (found.blanked === (await readFile(places.file, 'utf8')) || !keptNetwork || !keptSettings) return;
  await attempt(problems, 'onair.toml without its secrets', () => overwriteFile(places.file, found.blanked));
}

async function writeConnection(
  places: BootPlaces,
  { wifi }: BootFile,
  problems: BootProblem[],
): Promise<void> {
  if (wifi === null) return;
  const path = join(places.connections, 'onair.toml.nmconnection');
  const text = connectionFile(wifi);
  if (wifi.passphrase === '') {
    // Blanked, as it was used before; on another card or after a reset nothing knows it any more.
    const uuid = /^uuid=.*$/m.exec(text)?.[0] ?? '';
    if ((await readFile(path, 'utf8').catch(() => '')).includes(uuid)) return;
    problems.push({
      line: null,
      key: 'wifi.passphrase',
      message: 'The passphrase is blank, and the box does not know this network.',
      action: 'Write the passphrase into onair.toml again.',
    });
    return;
  }
  await mkdir(places.connections, { recursive: true, mode: 0o700 });
  await replaceFile(path, text, 0o600);
  const wpa3Path = join(places.connections, 'onair.toml-wpa3.nmconnection');
  const wpa3 = wpa3ConnectionFile(wifi);
  if (wpa3 === null) await rm(wpa3Path, { force: true });
  else await replaceFile(wpa3Path, wpa3, 0o600);
}

/** At each start: the file alone says who may come in by SSH, and the system's own folder may be of memory. */
async function writeKeys(path: string, keys: readonly string[]): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => '');
  const after = withKeys(before, keys);
  if (after === before) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, after, 0o600);
}

/** For control (its group) and the doctor. */
async function leave({ runtimeDirectory }: BootPlaces, settings: BootSettings): Promise<void> {
  await mkdir(runtimeDirectory, { recursive: true, mode: 0o750 });
  const path = join(runtimeDirectory, 'settings.json');
  await replaceFile(path, JSON.stringify(settings), 0o640);
  await chmod(path, 0o640);
}

/** The text; null where there is no file. */
async function load(path: string): Promise<{ text: string } | { problem: BootProblem } | null> {
  const problem = (message: string): { problem: BootProblem } => ({
    problem: { line: null, key: null, message, action: 'Write the file again, as plain text (UTF-8).' },
  });
  try {
    if ((await stat(path)).size > maxBytes) return problem('The file is larger than 64 kB.');
    const bytes = await readFile(path);
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    if (error instanceof TypeError) return problem('The file is not plain text.');
    return problem(`The file cannot be read: ${error instanceof Error ? error.message : error}.`);
  }
}

/** What was kept at an earlier start, and control has not applied yet. */
async function readPending(places: BootPlaces): Promise<BootSettings | null> {
  const text = await readFile(pendingPath(places), 'utf8').catch(() => 'null');
  try {
    return bootSettings.parse(JSON.parse(text));
  } catch {
    await rm(pendingPath(places), { force: true }).catch(() => {});
    return null;
  }
}

function pendingPath({ dataDirectory }: BootPlaces): string {
  return join(dataDirectory, 'boot-settings-pending.json');
}

/** Control writes it once it has stored the settings. */
async function appliedDigest({ dataDirectory }: BootPlaces): Promise<string> {
  return (await readFile(join(dataDirectory, 'boot-settings-applied'), 'utf8').catch(() => '')).trim();
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What cannot be done is said, and keeps nothing else from being done. */
async function attempt(problems: BootProblem[], what: string, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    problems.push({
      line: null,
      key: null,
      message: `${what} could not be written: ${error instanceof Error ? error.message : error}.`,
      action: 'Check that the card is not full, worn out or write-protected: run onair doctor.',
    });
    return false;
  }
}
