import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a daemon is started: Node.js's flags, and variables beside those it is told otherwise. */
export interface DaemonStart {
  flags: string[];
  environment: Record<string, string>;
}

/** Reads what the units read too (EnvironmentFile=): `daemon.env` beside the bundles. */
export function daemonStart(bundles: string): DaemonStart {
  const environment: Record<string, string> = {};
  for (const line of readFileSync(join(bundles, 'daemon.env'), 'utf8').split('\n')) {
    const [, name, value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (name) environment[name] = value;
  }
  const { NODE_FLAGS = '', ...others } = environment;
  return { flags: NODE_FLAGS.split(' ').filter(Boolean), environment: others };
}
