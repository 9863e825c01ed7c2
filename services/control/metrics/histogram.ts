import type { Metric, Sample } from './exposition.ts';

interface Deps {
  name: string;
  help: string;
  bounds: readonly number[];
}

/** Counts observations by size, as Prometheus does: each bucket holds all that are no larger. */
export class Histogram {
  readonly #deps: Deps;
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** @param deps.bounds upper bounds in the metric's unit, ascending; +Inf is added */
  constructor(deps: Deps) {
    this.#deps = deps;
    this.#counts = deps.bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count += 1;
    const bucket = this.#deps.bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  get metric(): Metric {
    let below = 0;
    const buckets: Sample[] = this.#deps.bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0;
      return { suffix: '_bucket', labels: { le: String(bound) }, value: below };
    });
    return {
      name: this.#deps.name,
      help: this.#deps.help,
      type: 'histogram',
      samples: [
        ...buckets,
        { suffix: '_bucket', labels: { le: '+Inf' }, value: this.#count },
        { suffix: '_sum', value: this.#sum },
        { suffix: '_count', value: this.#count },
      ],
    };
  }
}
