import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The commands bin/setup may take from the real machine; all others are pretended or absent. */
const realCommands = ['awk', 'cat', 'cut', 'dirname', 'env', 'grep', 'mkdir', 'sh'];

interface Machine {
  /** Version the pretended node says it has; null where there is none. */
  node?: string | null;
  /** Who packaged nodejs. */
  maintainer?: string;
  hasNpm?: boolean;
  /** Names of Debian packages that are installed. */
  installed?: readonly string[];
  /** Versions apt-get could install: of these names, and of any other name ('*'). */
  candidates?: Record<string, string>;
  /** No package is known until the lists have been read. */
  emptyLists?: boolean;
  /** `apt-get install` fails until the lists have been read. */
  staleLists?: boolean;
  isDebian?: boolean;
  isRoot?: boolean;
  hasSudo?: boolean;
}

export interface SetUpResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Calls of apt-get, sudo and npm, in order: "apt-get install ffmpeg". */
  calls: string[];
}

/** A pretended machine with a small checkout, on which bin/setup runs for real. */
export class SetUpMachine {
  readonly #folder: string;
  readonly #machine: Machine;

  private constructor(folder: string, machine: Machine) {
    this.#folder = folder;
    this.#machine = machine;
  }

  static async make(machine: Machine): Promise<SetUpMachine> {
    const folder = await mkdtemp(join(tmpdir(), 'onair-setup-'));
    const made = new SetUpMachine(folder, machine);
    await mkdir(join(folder, 'checkout', 'bin'), { recursive: true });
    await mkdir(join(folder, 'commands'));
    for (const file of ['bin/setup', 'bin/packages.txt']) {
      await copyFile(join(checkout, file), join(folder, 'checkout', file));
    }
    const lock = { packages: { '': {}, 'node_modules/gstreamer-superficial': { version: '1.0.0' } } };
    await writeFile(join(folder, 'checkout', 'package-lock.json'), JSON.stringify(lock));
    await made.#pretendCommands();
    return made;
  }

  async run(...args: string[]): Promise<SetUpResult> {
    const log = join(this.#folder, 'calls');
    await rm(log, { force: true });
    const environment = {
      PATH: join(this.#folder, 'commands'),
      LOG: log,
      STATE: this.#folder,
      TMPDIR: tmpdir(),
    };
    const ended = await new Promise<Omit<SetUpResult, 'calls'>>((resolve) => {
      execFile(
        '/bin/sh',
        [join(this.#folder, 'checkout', 'bin', 'setup'), ...args],
        { env: environment, timeout: 20_000 },
        (error, stdout, stderr) =>
          resolve({ exitCode: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
      );
    });
    const calls = await readFile(log, 'utf8').catch(() => '');
    return { ...ended, calls: calls.split('\n').filter((line) => line !== '') };
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #pretendCommands(): Promise<void> {
    const {
      node = '20.19.2',
      maintainer = 'Debian Javascript Maintainers',
      hasNpm = true,
      installed = [],
      candidates = { '*': '20.19.2' },
      isDebian = true,
      isRoot = true,
      hasSudo = false,
    } = this.#machine;
    for (const name of realCommands) await symlink(await find(name), this.#path(name));
    await this.#pretend('id', `echo ${isRoot ? 0 : 1000}`);
    if (node !== null) await this.#pretendNode(node);
    if (hasNpm) await this.#pretend('npm', this.#npm());
    if (hasSudo) await this.#pretend('sudo', 'echo "sudo $*" >> "$LOG"; exec "$@"');
    if (!isDebian) return;
    await writeFile(join(this.#folder, 'installed'), [...installed, ''].join('\n'));
    await this.#pretend(
      'dpkg-query',
      `case "$3" in
        *Maintainer*) ${node === null ? 'exit 1' : `echo '${maintainer}'`} ;;
        *) while read -r name; do echo "$name installed"; done < "$STATE/installed" ;;
      esac`,
    );
    await symlink(await find('dpkg'), this.#path('dpkg'));
    const known = Object.entries(candidates).map(
      ([name, version]) => `${name}) echo "  Candidate: ${version || '(none)'}" ;;`,
    );
    await this.#pretend(
      'apt-cache',
      `${this.#machine.emptyLists ? '[ -f "$STATE/updated" ] || exit 0' : ''}
      shift
      for name in "$@"; do
        echo "$name:"
        case "$name" in ${known.join(' ')} esac
      done`,
    );
    await this.#pretend('apt-get', this.#aptGet());
    await this.#pretend('systemctl', 'echo "systemctl $*" >> "$LOG"');
  }

  #aptGet(): string {
    const stale = this.#machine.staleLists
      ? '[ -f "$STATE/updated" ] || { echo "E: 404" >&2; exit 100; }'
      : '';
    return `
      words=''
      for word in "$@"; do case "$word" in -*|*=*) ;; *) words="$words $word" ;; esac; done
      echo "apt-get$words" >> "$LOG"
      case "$words" in *' update') echo > "$STATE/updated"; exit 0 ;; esac
      ${stale}
      for word in $words; do [ "$word" = install ] || echo "$word" >> "$STATE/installed"; done`;
  }

  #npm(): string {
    return `
      case "$1" in --version) echo 9.2.0; exit 0 ;; esac
      echo "npm $1" >> "$LOG"
      mkdir -p node_modules/gstreamer-superficial
      cat package-lock.json > node_modules/.package-lock.json
      : > node_modules/gstreamer-superficial/index.js`;
  }

  async #pretendNode(version: string): Promise<void> {
    const headers = join(this.#folder, 'include', 'node');
    await mkdir(headers, { recursive: true });
    await writeFile(join(headers, 'node.h'), '');
    await this.#pretend(
      'node',
      `case "$1" in
        --version) echo v${version} ;;
        -p) echo "$STATE" ;;
        *) exec ${process.execPath} "$@" ;;
      esac`,
    );
  }

  async #pretend(name: string, script: string): Promise<void> {
    await writeFile(this.#path(name), `#!/bin/sh\n${script}\n`);
    await chmod(this.#path(name), 0o755);
  }

  #path(name: string): string {
    return join(this.#folder, 'commands', name);
  }
}

async function find(name: string): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (
      await readFile(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new Error(`${name} is not on this machine`);
}
