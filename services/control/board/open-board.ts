import type { Settings } from '#core/domain/settings.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { Parts } from '#core/runtime/parts.ts';
import { boardHeatLimits, computerHeatLimits, PowerPolicy, PowerWatch } from '../domain/power-policy.ts';
import { lowestRung, videoOnRung } from '../domain/quality-rungs.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import { cardProblem } from './card-problem.ts';
import { MachineFigures } from './machine-figures.ts';
import { SysfsPower } from './power.ts';
import { Telemetry } from './telemetry.ts';

export interface Board extends Closable {
  telemetry: Telemetry;
  power: PowerWatch;
  /** The settings, with no more quality than heat and battery allow. */
  affordable: () => Settings;
}

/**
 * The board's figures, read for the first time, and what they leave of the set quality. ONAIR_SYSFS and ONAIR_PROCFS
 * name trees that stand in for /sys and /proc. A full card is reported as a problem.
 */
export async function openBoard(
  deps: Pick<ControlContext, 'paths' | 'environment' | 'clock'> & {
    settings: Pick<OpenSettings, 'current'>;
    start: Pick<Start, 'optional'>;
  },
): Promise<Board> {
  const { paths, environment, clock, settings, start } = deps;
  const { sysRoot, procRoot, board } = environment;
  const parts = new Parts();
  const telemetry = parts.own(
    new Telemetry({
      power: new SysfsPower({ root: sysRoot }),
      machine: new MachineFigures({ sysRoot, procRoot, dataDirectory: paths.dataDirectory }),
      clock,
    }),
  );
  await telemetry.start();
  const power = parts.own(
    new PowerWatch({
      policy: new PowerPolicy({
        limits: board === 'virtual' ? computerHeatLimits : boardHeatLimits,
        lowestRung,
      }),
      figures: () => telemetry.current,
      clock,
    }),
  );
  const reportCard = (): void => start.optional.report('card', cardProblem(telemetry.current.disk));
  telemetry.events.on('telemetryChanged', () => {
    power.look();
    reportCard();
  });
  reportCard();
  return {
    telemetry,
    power,
    affordable: () => ({
      ...settings.current(),
      video: videoOnRung(settings.current().video, power.state.rung),
    }),
    close: () => parts.close(),
  };
}
