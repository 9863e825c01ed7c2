import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Problem } from '#core/domain/problem.ts';
import { updateSlot } from '#core/protocol/endpoints/update.ts';
import { type BundleFacts, type Installer, otherSlot, type SystemFacts } from './installer.ts';
import { UpdateError, updateReasons } from './update-error.ts';

const run = promisify(execFile);
const service = ['de.pengutronix.rauc', '/', 'de.pengutronix.rauc.Installer'];
const lookEveryMs = 500;
/** To verify 400 MB on a small board, and to write it to a slow card. */
const callWithinMs = 600_000;
const installWithinMs = 3_600_000;

const answer = z.object({ data: z.unknown() });
const named = z.tuple([z.string()]);
const progress = z.tuple([z.number(), z.string(), z.number()]);

/** RAUC's service over D-Bus (`busctl`): it verifies, writes and marks; this daemon may ask, and no more. */
export class RaucInstaller implements Installer {
  readonly #requests: string;
  readonly #cmdline: string;

  /**
   * @param options.requests the folder where root is asked to restart the box (onair-try.path)
   * @param options.cmdline the kernel's arguments, whose `rauc.slot=` says which system runs
   */
  constructor(options: { requests: string; cmdline?: string }) {
    this.#requests = options.requests;
    this.#cmdline = options.cmdline ?? '/proc/cmdline';
  }

  async facts(): Promise<SystemFacts> {
    const found = /(?:^|\s)rauc\.slot=(\S+)/.exec(await readFile(this.#cmdline, 'utf8'))?.[1];
    const slot = updateSlot.parse(found);
    const [primary] = named.parse(await this.#call('GetPrimary'));
    return { slot, usual: primary === 'boot.1' ? 'B' : 'A' };
  }

  async inspect(path: string): Promise<BundleFacts> {
    const said = await this.#call('InspectBundle', 'sa{sv}', path, '0').catch((error) => {
      throw new UpdateError(reasonOfBundle(error));
    });
    const version = /"version":\{"type":"s","data":"([^"]+)"/.exec(JSON.stringify(said))?.[1];
    const compatible = /"compatible":\{"type":"s","data":"([^"]+)"/.exec(JSON.stringify(said))?.[1];
    if (!version) throw new UpdateError(updateReasons.torn('it has no version'));
    const own = await this.#property('Compatible');
    if (compatible !== own) throw new UpdateError(updateReasons.otherBox(compatible ?? 'unknown'));
    return { version };
  }

  async install(path: string, onProgress: (percent: number) => void): Promise<void> {
    await this.#call('InstallBundle', 'sa{sv}', path, '0').catch((error) => {
      throw new UpdateError(reasonOfBundle(error));
    });
    const deadlineMs = Date.now() + installWithinMs;
    while ((await this.#property('Operation')) !== 'idle') {
      const parsed = progress.safeParse(await this.#property('Progress'));
      if (parsed.success) onProgress(parsed.data[0]);
      if (Date.now() > deadlineMs)
        throw new UpdateError(updateReasons.notWritten('it took more than an hour'));
      await setTimeout(lookEveryMs);
    }
    const failure = String(await this.#property('LastError'));
    if (failure !== '') throw new UpdateError(reasonOfBundle(new Error(failure)));
  }

  async chooseOther(): Promise<void> {
    const { slot } = await this.facts();
    const group = otherSlot(slot) === 'A' ? '0' : '1';
    await this.#call('Mark', 'ss', 'active', `boot.${group}`).catch(() => {
      throw new UpdateError(updateReasons.nothingBefore);
    });
  }

  async tryOther(): Promise<void> {
    await this.#ask('try');
  }

  async restart(): Promise<void> {
    await this.#ask('restart');
  }

  async commit(): Promise<void> {
    await this.#call('Mark', 'ss', 'good', 'booted');
  }

  async #ask(what: 'try' | 'restart'): Promise<void> {
    await writeFile(`${this.#requests}/${what}`, '');
  }

  async #call(method: string, ...args: string[]): Promise<unknown> {
    return await this.#busctl('call', ...service, method, ...args);
  }

  async #property(name: string): Promise<unknown> {
    return await this.#busctl('get-property', ...service, name);
  }

  async #busctl(verb: string, ...args: string[]): Promise<unknown> {
    const options = ['--system', '--json=short', `--timeout=${callWithinMs / 1000}`];
    try {
      const { stdout } = await run('busctl', [...options, verb, ...args], { timeout: callWithinMs });
      return stdout.trim() === '' ? null : answer.parse(JSON.parse(stdout)).data;
    } catch (error) {
      const said = (error as { stderr?: string }).stderr ?? '';
      throw new Error(said.trim() || (error as Error).message);
    }
  }
}

/** What RAUC's own words mean for people. */
export function reasonOfBundle(error: unknown): Problem {
  const said = (error instanceof Error ? error.message : String(error))
    .replace(/^Call failed: /, '')
    .slice(0, 300);
  // One that ends in its middle: where its signature's size should stand is something else.
  if (/^Invalid bundle format/i.test(said)) return updateReasons.torn(said);
  if (/signature|certificate|verif/i.test(said)) return updateReasons.wrongKey(said);
  if (/compatible/i.test(said)) return updateReasons.otherBox(said);
  if (/No space|I\/O error|Input\/output|write/i.test(said)) return updateReasons.notWritten(said);
  return updateReasons.torn(said);
}
