import type { BoxStatus } from '../box.ts';
import { AirCard } from './air-card.tsx';
import { Graphs } from './graphs.tsx';
import { PreviewCard } from './preview-card.tsx';

/** What goes out, and the one button. */
export function LiveTab({ status }: { status: BoxStatus | null }) {
  return (
    <>
      <div class="stage">
        <PreviewCard status={status} />
        {status && <AirCard status={status} />}
      </div>
      {status?.telemetry.underVoltage && (
        <p class="banner" role="alert">
          The power supply is too weak: the voltage drops. Use the one that came with the board.
        </p>
      )}
      <Graphs maxViewers={status?.audience.max ?? 10} />
    </>
  );
}
