import { restartBox } from '#core/protocol/endpoints/care.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';

const done = {
  services: 'The services start anew; a broadcast goes on in a few seconds.',
  box: 'The box starts anew; it is back in about half a minute.',
} as const;

/** `onair restart [services | box]` */
export async function restart(api: LinkApi, what = 'services'): Promise<string> {
  if (what !== 'services' && what !== 'box') throw new CliError(2, 'Usage: onair restart [services | box]');
  await api.call(restartBox, { body: { what } });
  return done[what];
}
