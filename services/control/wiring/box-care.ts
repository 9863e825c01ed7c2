import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { environmentFrom } from '#core/runtime/environment.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { audienceRoutes } from '../api/audience-routes.ts';
import { boxRoutes } from '../api/box-routes.ts';
import { logRoutes } from '../api/log-routes.ts';
import type { Telemetry } from '../board/telemetry.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import type { DesiredStore } from '../broadcast/desired-store.ts';
import { Diagnosis, runDoctor } from '../diagnosis/diagnosis.ts';
import { History } from '../diagnosis/history.ts';
import { Restart } from '../diagnosis/restart.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Route } from '../http/router.ts';
import type { LinkHost } from '../link/link-host.ts';
import { Journal } from '../logs/journal.ts';
import { LogFiles } from '../logs/log-files.ts';
import type { Lan } from '../network/lan.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import type { StatusReport } from '../status/status.ts';

/**
 * What keeps a box well: its figures over time, its logs, its diagnosis, its restart. ONAIR_SUPERVISED (the demo)
 * says that the logs are files; else they are in the journal.
 * @param options.bundles the folder of the built command
 */
export function careOfBox(options: {
  paths: Paths;
  bundles: string;
  settingsStore: SettingsStore;
  desiredStore: DesiredStore;
  status: StatusReport;
  telemetry: Telemetry;
  broadcast: Broadcast;
  audience: Audience;
  director: BroadcastDirector;
  link: LinkHost;
  lan: Lan;
  httpPort: () => number | null;
  clock: Clock;
  logger: Logger;
  own: (part: Closable) => void;
}): Route[] {
  const { paths, settingsStore, desiredStore, status, telemetry, broadcast, audience } = options;
  const { director, link, lan, httpPort, clock, logger, own } = options;
  const history = new History({ audience, broadcast, director, telemetry, clock });
  own(history);
  history.start();
  const logs = environmentFrom(process.env).isSupervised
    ? new LogFiles({ directory: join(paths.runtimeDirectory, 'logs'), clock })
    : new Journal();
  const requests = join(paths.runtimeDirectory, 'requests');
  const restart = new Restart({
    link,
    reboot: existsSync(requests) ? () => writeFile(join(requests, 'reboot'), '', { mode: 0o640 }) : null,
    forgetBroadcast: () => desiredStore.save({ live: false, startTime: null }),
    endControl: () => process.kill(process.pid, 'SIGTERM'),
    clock,
    logger,
  });
  const diagnosis = new Diagnosis({
    reports: {
      status: () => status.linkBody,
      telemetry: () => telemetry.current,
      history: () => history.body,
    },
    settingsStore,
    logs,
    doctor: () => runDoctor(join(options.bundles, 'cli.js')),
    clock,
  });
  const noteDelay = (delayMs: number): void => history.noteDelay(delayMs);
  return [
    ...boxRoutes({ history, restart, diagnosis, status, wifi: { lan, httpPort } }),
    ...audienceRoutes({ audience, director, noteDelay, clock }),
    ...logRoutes({ logs }),
  ];
}
