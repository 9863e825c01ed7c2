import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pictureUnits } from '../media-sample.ts';
import { clientPath } from './program-client.ts';

/** Less than a check may take. What Go has compiled by then it keeps for the next time. */
const buildTimeoutMs = 48_000;

const startCode = Buffer.from('00000001', 'hex');

/**
 * pion has no package in Debian: where Go is here, it builds the client from `clients/pion`, and fetches pion once.
 * @returns how it is started, or why it can't be had here
 */
export async function pionProgram(): Promise<{ command: string; args: string[] } | string> {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const command = join(caches, 'onair-conformance', 'pion-client');
  const args = ['build', '-o', command, '.'];
  const picture = Buffer.concat(pictureUnits.flatMap((unit) => [startCode, unit])).toString('base64');
  return await new Promise((resolve) => {
    const cwd = dirname(clientPath('pion/go.mod'));
    execFile('go', args, { cwd, timeout: buildTimeoutMs }, (error, _, stderr) => {
      if (error === null) resolve({ command, args: [picture] });
      else if (error.code === 'ENOENT') resolve('Go is not here');
      else if (error.killed)
        resolve(`pion was not built in ${buildTimeoutMs / 1_000} s; Go keeps what it has for the next time`);
      else resolve(`pion could not be built: ${stderr.trim().split('\n').at(-1)}`);
    });
  });
}
