import type { Clock } from '#core/domain/clock.ts';
import type { Reason } from '#core/domain/media.ts';
import { webAddress } from '#core/domain/page-address.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Telemetry } from '../board/telemetry.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import { HomeAssistant } from '../home-assistant/home-assistant.ts';
import type { Lan } from '../network/lan.ts';
import type { Outputs } from '../outputs/outputs.ts';
import type { Snapshots } from '../outputs/snapshots.ts';
import type { Recordings } from '../recordings/recordings.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import type { OptionalParts } from '../start/optional-parts.ts';
import { Webhooks } from '../webhooks/webhooks.ts';

/** What other programs of the house are told, and may ask: Home Assistant by MQTT, and webhooks. Both fail alone. */
export function startIntegrations(options: {
  settingsStore: Pick<SettingsStore, 'current' | 'events'>;
  broadcast: Broadcast;
  audience: Audience;
  telemetry: Telemetry;
  outputs: Outputs;
  recordings: Recordings;
  snapshots: Snapshots;
  lan: Lan;
  httpPort: () => number | null;
  problems: () => readonly Reason[];
  optional: OptionalParts;
  clock: Clock;
  logger: Logger;
  own: (part: Closable) => void;
}): void {
  const { settingsStore, broadcast, audience, telemetry, outputs, recordings, snapshots } = options;
  const { lan, httpPort, problems, optional, clock, logger, own } = options;
  const settings = () => settingsStore.current;

  const webhooks = new Webhooks({
    ...{ settings, broadcast, outputs, recordings, clock, logger },
    report: (problem) => optional.report('webhooks', problem),
  });
  own(webhooks);
  webhooks.start();

  const homeAssistant = new HomeAssistant({
    ...{ settings, broadcast, audience, telemetry, recordings, snapshots, problems, clock, logger },
    studioUrl: () => `${webAddress(`${lan.hostname}.local`, httpPort())}/studio`,
    report: (problem) => optional.report('mqtt', problem),
  });
  own(homeAssistant);
  const announce = (): void => homeAssistant.announce();
  broadcast.events.on('broadcastChanged', announce);
  audience.events.on('audienceChanged', announce);
  telemetry.events.on('telemetryChanged', announce);
  recordings.events.on('recordingChanged', announce);
  outputs.events.on('outputsChanged', announce);
  optional.events.on('problemsChanged', announce);
  const start = (): void =>
    void optional.start({
      name: 'mqtt',
      failing: 'MQTT cannot be used',
      action: 'Check the settings of mqtt. The box tries again by itself.',
      start: () => homeAssistant.start(),
    });
  settingsStore.events.on('settingsChanged', ({ changed }) => {
    if (changed.some((key) => key.startsWith('webhooks.'))) webhooks.applySettings();
    if (changed.some((key) => key.startsWith('mqtt.'))) start();
    announce();
  });
  start();
}
