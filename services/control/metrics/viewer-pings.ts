import { counter, type Metric } from './exposition.ts';
import { Histogram } from './histogram.ts';

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the pings of Nova tell of all viewers together. */
export class ViewerPings {
  readonly #roundTrips = new Histogram({
    name: 'onair_viewer_ping_duration_seconds',
    help: 'Time from a ping to a viewer until its pong, over Nova connections.',
    bounds,
  });
  #lost = 0;

  answered(roundTripMs: number): void {
    this.#roundTrips.observe(roundTripMs / 1000);
  }

  lost(): void {
    this.#lost += 1;
  }

  get metrics(): Metric[] {
    return [
      this.#roundTrips.metric,
      counter('onair_viewer_pings_lost_total', 'Pings that no pong answered within 10 s.', this.#lost),
    ];
  }
}
