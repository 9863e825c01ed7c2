import { webAddress } from '#core/domain/page-address.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import type { Board } from '../board/open-board.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { ServedPorts } from '../http/served-ports.ts';
import type { Network } from '../network/open-network.ts';
import type { OpenOutputs } from '../outputs/open-outputs.ts';
import type { OpenRecordings } from '../recordings/open-recordings.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import { HomeAssistant } from './home-assistant.ts';

/** The box as a device of Home Assistant's, by MQTT. An optional part. */
export function openHomeAssistant(
  deps: Pick<ControlContext, 'clock' | 'logger'> & {
    start: Pick<Start, 'optional'>;
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    board: Pick<Board, 'telemetry'>;
    domain: Pick<Domain, 'broadcast' | 'audience'>;
    network: Pick<Network, 'lan'>;
    outputs: OpenOutputs;
    recordings: Pick<OpenRecordings, 'recordings'>;
    ports: Pick<ServedPorts, 'http'>;
    problems: () => readonly Problem[];
  },
): Closable {
  const { clock, logger, start, settings, network, ports, problems } = deps;
  const { telemetry } = deps.board;
  const { broadcast, audience } = deps.domain;
  const { outputs, snapshots } = deps.outputs;
  const { recordings } = deps.recordings;
  const homeAssistant = new HomeAssistant({
    settings: settings.current,
    broadcast,
    audience,
    telemetry,
    recordings,
    snapshots,
    problems,
    studioUrl: () => `${webAddress(`${network.lan.hostname}.local`, ports.http())}/studio`,
    clock,
    logger,
    report: (problem) => start.optional.report('mqtt', problem),
  });
  const announce = (): void => homeAssistant.announce();
  broadcast.events.on('broadcastChanged', announce);
  audience.events.on('audienceChanged', announce);
  telemetry.events.on('telemetryChanged', announce);
  recordings.events.on('recordingChanged', announce);
  outputs.events.on('outputsChanged', announce);
  start.optional.events.on('problemsChanged', announce);
  const connect = (): void =>
    void start.optional.start({
      name: 'mqtt',
      failing: 'MQTT cannot be used',
      action: 'Check the settings of mqtt. The box tries again by itself.',
      start: () => homeAssistant.start(),
    });
  settings.watch('mqtt.', connect);
  settings.watch('', announce);
  connect();
  return homeAssistant;
}
