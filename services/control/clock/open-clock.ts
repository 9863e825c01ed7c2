import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tellClock } from '#core/protocol/endpoints/clock.ts';
import { versionMadeMs } from '#core/runtime/known-time.ts';
import type { Route } from '../http/router.ts';
import { serve } from '../http/serve.ts';
import { SystemRequests } from '../network/system-requests.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { BoxClock } from './box-clock.ts';

export interface OpenClock {
  routes: Route[];
}

/** What time it is, where the box can't know. */
export async function openClock(
  deps: Pick<ControlContext, 'paths' | 'environment' | 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'current' | 'watch' | 'store'>;
  },
): Promise<OpenClock> {
  const { paths, environment, clock, logger, settings } = deps;
  const requests = new SystemRequests({ directory: join(paths.runtimeDirectory, 'requests') });
  const boxClock = new BoxClock({
    requests: environment.board !== 'virtual' && requests.heard ? requests : null,
    settings: settings.current,
    setTimeZone: (timeZone) => settings.store.patch({ device: { timeZone } }),
    notBeforeMs: versionMadeMs(fileURLToPath(import.meta.url)),
    clock,
    logger,
  });
  settings.watch('device.timeZone', () => void boxClock.applyTimeZone());
  // The system forgets the zone at each restart of a card.
  await boxClock.applyTimeZone();
  return { routes: [serve(tellClock, ({ body }) => boxClock.tell(body))] };
}
