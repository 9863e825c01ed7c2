import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Paths, pathsFrom } from '#core/runtime/paths.ts';

/** Where a demo keeps its state unless it is told otherwise. */
export function demoDirectory(environment: NodeJS.ProcessEnv): string {
  const stateHome = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(stateHome, 'onair-demo');
}

/** Which running appliance a command means: --state, ONAIR_STATE, the box itself, else the demo. */
export function findPaths(state: string | undefined, environment: NodeJS.ProcessEnv): Paths {
  const chosen = state ?? environment.ONAIR_STATE;
  if (chosen) return pathsFrom({ ...environment, ONAIR_STATE: resolve(chosen) });
  const box = pathsFrom(environment);
  if (existsSync(box.controlSocket)) return box;
  return pathsFrom({ ...environment, ONAIR_STATE: demoDirectory(environment) });
}
