import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Closable } from '#core/runtime/daemon.ts';
import type { Board } from '../board/open-board.ts';
import type { Broadcasting } from '../broadcast/open-broadcast.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { Link } from '../link/open-link.ts';
import { Journal } from '../logs/journal.ts';
import { LogFiles } from '../logs/log-files.ts';
import type { LogSource } from '../logs/log-source.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { OpenStatus } from '../status/open-status.ts';
import { Diagnosis, runDoctor } from './diagnosis.ts';
import { History } from './history.ts';
import { Restart } from './restart.ts';

export interface OpenDiagnosis extends Closable {
  history: History;
  logs: LogSource;
  restart: Restart;
  diagnosis: Diagnosis;
}

/**
 * What keeps a box well: its figures over time, its logs, its diagnosis, its restart. ONAIR_SUPERVISED (the demo)
 * says that the logs are files; else they are in the journal.
 */
export function openDiagnosis(
  deps: ControlContext & {
    settings: Pick<OpenSettings, 'store'>;
    board: Pick<Board, 'telemetry'>;
    domain: Pick<Domain, 'broadcast' | 'audience'>;
    link: Pick<Link, 'host'>;
    broadcasting: Pick<Broadcasting, 'director' | 'forget'>;
    status: Pick<OpenStatus, 'report'>;
  },
): OpenDiagnosis {
  const { paths, environment, bundles, clock, logger, settings, link, broadcasting, status } = deps;
  const { telemetry } = deps.board;
  const { broadcast, audience } = deps.domain;
  const history = new History({ audience, broadcast, director: broadcasting.director, telemetry, clock });
  history.start();
  const logs = environment.isSupervised
    ? new LogFiles({ directory: join(paths.runtimeDirectory, 'logs'), clock })
    : new Journal();
  const requests = join(paths.runtimeDirectory, 'requests');
  const restart = new Restart({
    link: link.host,
    reboot: existsSync(requests) ? () => writeFile(join(requests, 'reboot'), '', { mode: 0o640 }) : null,
    forgetBroadcast: () => broadcasting.forget(),
    endControl: () => process.kill(process.pid, 'SIGTERM'),
    clock,
    logger,
  });
  const diagnosis = new Diagnosis({
    reports: {
      status: () => status.report.linkBody,
      telemetry: () => telemetry.current,
      history: () => history.body,
    },
    settingsStore: settings.store,
    logs,
    doctor: () => runDoctor(join(bundles, 'cli.js')),
    clock,
  });
  return { history, logs, restart, diagnosis, close: () => history.close() };
}
