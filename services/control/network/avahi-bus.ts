import { execFile } from 'node:child_process';
import { isObject, parseJson } from '#core/domain/json.ts';

const quickTimeoutMs = 3_000;
/** Avahi asks the network for 5 s before it says that nobody answers. */
const resolveTimeoutMs = 9_000;

/** What avahi says over the system bus, asked with systemd's busctl: anybody may ask this. */
export interface Avahi {
  /** The name under which avahi publishes this box, without `.local`; null where there is no avahi. */
  hostName(): Promise<string | null>;
  /** The address of the host that has a name (without `.local`) on the network; null where nobody has. */
  addressOf(name: string): Promise<string | null>;
}

/** Avahi on the system bus. */
export class AvahiBus implements Avahi {
  async hostName(): Promise<string | null> {
    const [name] = (await call('GetHostName', [], quickTimeoutMs)) ?? [];
    return typeof name === 'string' && /^[\w-]{1,63}$/.test(name) ? name : null;
  }

  async addressOf(name: string): Promise<string | null> {
    // interface and protocol: any (-1); the address: IPv4 (0), as every box has one; no flags
    const args = ['iisiu', '-1', '-1', `${name}.local`, '0', '0'];
    const answer = await call('ResolveHostName', args, resolveTimeoutMs);
    const address = answer?.[4];
    return typeof address === 'string' ? address : null;
  }
}

/** The values that a method of org.freedesktop.Avahi.Server gives back; null where it fails. */
async function call(
  method: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<readonly unknown[] | null> {
  const call = ['--', 'call', 'org.freedesktop.Avahi', '/', 'org.freedesktop.Avahi.Server', method, ...args];
  const options = [
    '--system',
    '--json=short',
    `--timeout=${Math.ceil(timeoutMs / 1_000)}`,
    '--auto-start=no',
  ];
  const printed = await new Promise<string | null>((resolve) => {
    const limits = { timeout: timeoutMs + 1_000, killSignal: 'SIGKILL' as const };
    execFile('busctl', [...options, ...call], limits, (error, stdout) =>
      resolve(error === null ? stdout : null),
    );
  });
  const answer = printed === null ? null : parseJson(printed);
  return isObject(answer) && Array.isArray(answer.data) ? answer.data : null;
}
