import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { arch, release } from 'node:os';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '#core/domain/clock.ts';
import { readAt } from '#core/domain/json.ts';
import { listSettings } from '#core/domain/settings.ts';
import { version } from '#core/version.ts';
import type { LogSource } from '../logs/log-source.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import { tarOf } from './tar.ts';

const logLines = 2_000;
const doctorWithinMs = 20_000;
const maxDoctorBytes = 256 * 1024;
/** A shorter secret could be any number in a log, and by what is missing it would be told. */
const minRedactedLength = 8;

const about = `What this box knew of itself when somebody asked for help: its status, settings, figures and logs.
There are no secrets in it: of each only whether it is set. It names the box, its networks and addresses.
`;

interface Deps {
  reports: Readonly<Record<string, () => unknown>>;
  settingsStore: Pick<SettingsStore, 'current' | 'readable' | 'problems'>;
  logs: LogSource;
  doctor: () => Promise<string>;
  clock: Clock;
}

/** All that helps to find what is wrong with a box, as one archive without secrets. */
export class Diagnosis {
  readonly #deps: Deps;

  /**
   * @param options.reports what goes in as NAME.json
   * @param options.doctor what `onair doctor` says
   */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** A .tar.gz; what can't be had is said in its place. */
  async archive(): Promise<{ name: string; bytes: Buffer }> {
    const nowMs = this.#deps.clock.nowMs();
    const stamp = new Date(nowMs).toISOString().slice(0, 19).replace(/\D/g, '');
    const name = `onair-${this.#deps.settingsStore.current.network.hostname}-${stamp}`;
    const [logs, doctor, versions] = await Promise.all([
      orWhy(async () => {
        const lines = await this.#deps.logs.latest({ lines: logLines, daemon: null });
        return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      }),
      orWhy(this.#deps.doctor),
      versionsOf(),
    ]);
    const { readable, problems } = this.#deps.settingsStore;
    const texts: Record<string, string> = {
      'README.txt': about,
      ...Object.fromEntries(
        Object.entries(this.#deps.reports).map(([report, read]) => [`${report}.json`, json(read())]),
      ),
      'settings.json': json({ settings: readable, problems }),
      'versions.json': json(versions),
      'doctor.txt': doctor,
      'logs.jsonl': logs,
    };
    const files = Object.entries(texts).map(([file, text]) => ({
      name: `${name}/${file}`,
      content: Buffer.from(this.#withoutSecrets(text)),
    }));
    const bytes = await promisify<Buffer, Buffer>(gzip)(tarOf(files, { modifiedAtMs: nowMs }));
    return { name: `${name}.tar.gz`, bytes };
  }

  /** A second line of defence: nothing should have written one down. */
  #withoutSecrets(text: string): string {
    return listSettings()
      .filter(({ meta }) => meta.secret)
      .map(({ key }) => readAt(this.#deps.settingsStore.current, key))
      .filter((secret) => typeof secret === 'string' && secret.length >= minRedactedLength)
      .reduce<string>((rest, secret) => rest.replaceAll(String(secret), '[secret]'), text);
  }
}

/** Runs `onair doctor` as it stands beside this bundle. @param cli its path */
export async function runDoctor(cli: string): Promise<string> {
  return await new Promise((resolve) => {
    execFile(
      process.execPath,
      [cli, 'doctor'],
      { timeout: doctorWithinMs, maxBuffer: maxDoctorBytes, encoding: 'utf8' },
      (error, stdout, stderr) => {
        const ended = error ? `\nIt ended with ${error.code ?? error.signal}.\n` : '';
        resolve(`${stdout}${stderr}${ended}`);
      },
    );
  });
}

async function versionsOf(): Promise<object> {
  const system = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return {
    onair: version,
    node: process.versions.node,
    system: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(system)?.[1] ?? null,
    kernel: release(),
    machine: arch(),
  };
}

async function orWhy(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    return `It could not be had: ${error instanceof Error ? error.message : error}\n`;
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
