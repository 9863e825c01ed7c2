import type { Problem } from '#core/domain/problem.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import type { Access } from '../access/open-access.ts';
import type { Board } from '../board/open-board.ts';
import type { Broadcasting } from '../broadcast/open-broadcast.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { ServedPorts } from '../http/served-ports.ts';
import type { Link } from '../link/open-link.ts';
import type { Network } from '../network/open-network.ts';
import type { OpenOutputs } from '../outputs/open-outputs.ts';
import type { OpenRecordings } from '../recordings/open-recordings.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import type { OpenUpdate } from '../update/open-update.ts';
import { EventStream } from './event-stream.ts';
import { StatusReport } from './status.ts';

export interface OpenStatus extends Closable {
  report: StatusReport;
  events: EventStream;
}

/** How the box is, for all who ask, and told to those who listen at each change. */
export function openStatus(
  deps: Pick<ControlContext, 'clock'> & {
    start: Pick<Start, 'optional'>;
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    access: Pick<Access, 'hold'>;
    board: Pick<Board, 'telemetry' | 'power'>;
    domain: Pick<Domain, 'broadcast' | 'audience' | 'reports'>;
    network: Pick<Network, 'lan'>;
    link: Pick<Link, 'host' | 'pulse'>;
    broadcasting: Pick<Broadcasting, 'director'>;
    outputs: Pick<OpenOutputs, 'outputs'>;
    recordings: Pick<OpenRecordings, 'replay'>;
    update: Pick<OpenUpdate, 'updates'>;
    ports: ServedPorts;
    problems: () => readonly Problem[];
  },
): OpenStatus {
  const { clock, start, settings, access, ports, problems } = deps;
  const { telemetry, power } = deps.board;
  const { broadcast, audience, reports } = deps.domain;
  const { lan } = deps.network;
  const { host: link, pulse } = deps.link;
  const { director } = deps.broadcasting;
  const { outputs } = deps.outputs;
  const { replay } = deps.recordings;
  const report = new StatusReport({
    settings: settings.current,
    broadcast,
    audience,
    director,
    link,
    telemetry,
    reports,
    httpPort: ports.http,
    httpsPort: ports.https,
    lan,
    problems,
    powerConditions: () => power.state.conditions,
    outputs,
    replayFromMs: () => replay.fromMs,
  });
  const { hold } = access;
  const events = new EventStream({ status: (forOperator) => report.for(forOperator), clock, hold });
  const announce = (): void => events.announce();
  broadcast.events.on('broadcastChanged', announce);
  audience.events.on('audienceChanged', announce);
  reports.events.on('issueReported', announce);
  telemetry.events.on('telemetryChanged', announce);
  power.events.on('powerChanged', announce);
  lan.events.on('lanChanged', announce);
  link.events.on('joined', announce);
  link.events.on('left', announce);
  link.events.on('media', ({ type }) => {
    if (type === 'media_state') announce();
  });
  link.events.on('egress', ({ type }) => {
    if (type === 'egress_ready') announce();
  });
  pulse.events.on('pulseChanged', announce);
  director.events.on('advancingChanged', announce);
  outputs.events.on('outputsChanged', announce);
  replay.events.on('replayChanged', announce);
  deps.update.updates.events.on('updateChanged', announce);
  start.optional.events.on('problemsChanged', announce);
  settings.watch('', announce);
  events.start();
  return { report, events, close: () => events.close() };
}
