import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const server = ['org.freedesktop.Avahi', '/', 'org.freedesktop.Avahi.Server'];

/** A system bus of the host's own, on which everything is allowed. */
const busConfiguration = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>
`;

/** Whether hosts can be made here: root, avahi, a message bus, and namespaces. */
export function canHaveHosts(): boolean {
  try {
    for (const program of ['avahi-daemon', 'dbus-daemon', 'busctl', 'ip', 'nsenter'])
      execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    execFileSync('unshare', ['-n', '-m', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

/** A host in a network namespace of its own, with a message bus and avahi, cabled to others of its kind. */
export class AvahiHost {
  readonly #folder: string;
  readonly #host: ChildProcess;
  readonly #wantedName: string;
  #avahi: ChildProcess | null = null;

  private constructor(folder: string, host: ChildProcess, wantedName: string) {
    this.#folder = folder;
    this.#host = host;
    this.#wantedName = wantedName;
  }

  static async start(wantedName: string): Promise<AvahiHost> {
    const folder = await mkdtemp(join(tmpdir(), 'onair-host-'));
    const configuration = join(folder, 'bus.conf');
    await writeFile(configuration, busConfiguration);
    await writeFile(
      join(folder, 'avahi.conf'),
      `[server]\nhost-name=${wantedName}\nuse-ipv6=no\n[publish]\npublish-workstation=no\npublish-hinfo=no\n`,
    );
    const script = [
      'mount -t tmpfs none /run',
      'mkdir -p /run/dbus /run/avahi-daemon',
      'ip link set lo up',
      `exec dbus-daemon --nofork --nopidfile --config-file=${configuration}`,
    ].join(' && ');
    const host = spawn('unshare', ['-n', '-m', '--propagation', 'private', 'sh', '-c', script], {
      stdio: 'ignore',
    });
    const made = new AvahiHost(folder, host, wantedName);
    await made.#until(() => made.call('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'ListNames'));
    return made;
  }

  /** The command that runs another one on this host. */
  get within(): string[] {
    return ['nsenter', '--target', String(this.#host.pid), '--net', '--mount', `--wd=${process.cwd()}`];
  }

  /** A cable to another host; addresses as given, with their prefix. */
  async cable(other: AvahiHost, ownAddress: string, otherAddress: string): Promise<void> {
    const [own, far] = [String(this.#host.pid), String(other.#host.pid)];
    await run('ip', ['link', 'add', 'eth0', 'netns', own, 'type', 'veth', 'peer', 'eth0', 'netns', far]);
    await this.#address(ownAddress);
    await other.#address(otherAddress);
  }

  /** Resolves once avahi publishes a name. @returns it, without `.local` */
  async startAvahi(): Promise<string> {
    await rm(join(`/proc/${this.#host.pid}/root`, 'run/avahi-daemon/pid'), { force: true });
    const [program = '', ...words] = this.within;
    const options = ['--no-drop-root', '--no-chroot', '--no-rlimits', '-f', join(this.#folder, 'avahi.conf')];
    this.#avahi = spawn(program, [...words, 'avahi-daemon', ...options], { stdio: 'ignore' });
    return await this.#until(async () => {
      const [state] = await this.call(...server, 'GetState');
      if (state !== 2) throw new Error(`avahi is in state ${state}, not running (2)`);
      return await this.name();
    });
  }

  /** Avahi gets a signal; resolves at its end where the signal ends it. */
  async signalAvahi(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const avahi = this.#avahi;
    if (avahi === null) throw new Error('avahi does not run');
    const ends = signal === 'SIGTERM' || signal === 'SIGKILL';
    const gone = ends ? new Promise((resolve) => avahi.once('exit', resolve)) : null;
    avahi.kill(signal); // nsenter has become avahi: it makes no child of its own
    await gone;
    if (ends) this.#avahi = null;
  }

  async name(): Promise<string> {
    return String((await this.call(...server, 'GetHostName'))[0]);
  }

  async setName(name: string): Promise<void> {
    await this.call(...server, 'SetHostName', 's', name);
  }

  /** What this host finds of a service: who serves it, where, and its texts in order. */
  async find(service: string): Promise<{ host: string; address: string; port: number; txt: string[] }> {
    const words = ['iisssiu', '-1', '-1', service, '_http._tcp', 'local', '-1', '0'];
    const found = await this.call(...server, 'ResolveService', ...words);
    const [, , , , , host, , address, port, txt] = found;
    const texts = (txt as number[][]).map((bytes) => Buffer.from(bytes).toString()).sort();
    return { host: String(host), address: String(address), port: Number(port), txt: texts };
  }

  /** The values that a method on this host's bus gives back. */
  async call(...words: string[]): Promise<unknown[]> {
    const [program = '', ...within] = this.within;
    const call = ['busctl', '--system', '--json=short', '--timeout=8', '--', 'call', ...words];
    const { stdout } = await run(program, [...within, ...call], { timeout: 12_000 });
    return stdout === '' ? [] : ((JSON.parse(stdout) as { data?: unknown[] }).data ?? []);
  }

  async close(): Promise<void> {
    this.#avahi?.kill('SIGKILL');
    const gone = new Promise((resolve) => this.#host.once('exit', resolve));
    if (this.#host.exitCode === null && this.#host.signalCode === null && this.#host.kill('SIGKILL'))
      await gone;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #address(address: string): Promise<void> {
    const [program = '', ...within] = this.within;
    await run(program, [...within, 'ip', 'address', 'add', address, 'dev', 'eth0']);
    await run(program, [...within, 'ip', 'link', 'set', 'eth0', 'up']);
  }

  /** What `act` gives back once it succeeds, within 15 s: a bus that is not there yet can tell nobody that it comes. */
  async #until<Result>(act: () => Promise<Result>): Promise<Result> {
    const deadlineMs = Date.now() + 15_000;
    for (;;) {
      try {
        return await act();
      } catch (error) {
        if (Date.now() > deadlineMs) throw new Error(`${this.#wantedName} did not come up: ${error}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }
}
