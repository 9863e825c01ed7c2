import type { Clock } from '#core/domain/clock.ts';
import type { Reason } from '#core/domain/media.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { environmentFrom } from '#core/runtime/environment.ts';
import { boardHeatLimits, computerHeatLimits, PowerPolicy, PowerWatch } from '../domain/power-policy.ts';
import { lowestRung, videoOnRung } from '../domain/quality-rungs.ts';
import { cardProblem } from './card-problem.ts';
import { MachineFigures } from './machine-figures.ts';
import { SysfsPower } from './power.ts';
import { Telemetry } from './telemetry.ts';

/**
 * The board's figures, read for the first time, and what they leave of the set quality. ONAIR_SYSFS and ONAIR_PROCFS
 * name trees that stand in for /sys and /proc.
 */
export async function startBoard(options: {
  settings: () => Settings;
  dataDirectory: string;
  clock: Clock;
  own: (part: Closable) => void;
  /** Told that the card is full, and null while it is not. */
  reportCard: (problem: Reason | null) => void;
}): Promise<{ telemetry: Telemetry; power: PowerWatch; affordable: () => Settings }> {
  const { settings, dataDirectory, clock, own, reportCard } = options;
  const { sysRoot, procRoot, board } = environmentFrom(process.env);
  const telemetry = new Telemetry({
    power: new SysfsPower({ root: sysRoot }),
    machine: new MachineFigures({ sysRoot, procRoot, dataDirectory }),
    clock,
  });
  await telemetry.start();
  own(telemetry);
  const power = new PowerWatch({
    policy: new PowerPolicy({
      limits: board === 'virtual' ? computerHeatLimits : boardHeatLimits,
      lowestRung,
    }),
    figures: () => telemetry.current,
    clock,
  });
  own(power);
  const look = (): void => {
    power.look();
    reportCard(cardProblem(telemetry.current.disk));
  };
  telemetry.events.on('telemetryChanged', look);
  reportCard(cardProblem(telemetry.current.disk));
  const affordable = (): Settings => ({
    ...settings(),
    video: videoOnRung(settings().video, power.state.rung),
  });
  return { telemetry, power, affordable };
}
