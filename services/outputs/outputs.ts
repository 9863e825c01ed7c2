import type { Clock } from '#core/domain/clock.ts';
import type { ToOutputs } from '#core/protocol/link/outputs.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { Destination, type OutputReport, type OutputSettings } from './destination.ts';
import type { Sender } from './sender.ts';

type Configuration = Extract<ToOutputs, { type: 'outputs_configure' }>['payload'];

interface OutputsOptions {
  /** A sender for one attempt. */
  makeSender: (settings: OutputSettings) => Sender;
  onReport: (outputs: OutputReport[]) => void;
  clock: Clock;
  logger: Logger;
}

/** Changes within this time are one report. */
const batchMs = 50;

const waiting = (id: string): OutputReport => ({
  id,
  state: 'waiting',
  reason: null,
  bitrateKbps: null,
  bytesSent: 0,
  reconnects: 0,
  droppedFrames: 0,
});

/** A control that has come back may say another start: a destination's time must not go back. */
function isSame(one: OutputSettings, other: OutputSettings): boolean {
  const fixed = (settings: OutputSettings) => JSON.stringify({ ...settings, startedTicks: 0 });
  return fixed(one) === fixed(other);
}

/** All that leaves the box: a destination for each output that is enabled, while a broadcast runs. */
export class Outputs {
  readonly #options: OutputsOptions;
  readonly #destinations = new Map<string, Destination>();
  #configuration: Configuration = { live: false, outputs: [] };
  #cancelBatch: (() => void) | null = null;

  constructor(options: OutputsOptions) {
    this.#options = options;
  }

  get reports(): OutputReport[] {
    return this.#configuration.outputs.map(({ id }) => this.#destinations.get(id)?.report ?? waiting(id));
  }

  /** What is to be sent from now on; what is sent already and stays as it was goes on untouched. */
  configure(configuration: Configuration): void {
    const { live, outputs } = configuration;
    this.#configuration = configuration;
    const wanted = new Map(live ? outputs.map((each) => [each.id, each]) : []);
    for (const [id, destination] of this.#destinations) {
      const settings = wanted.get(id);
      if (settings && isSame(settings, destination.settings)) continue;
      destination.close();
      this.#destinations.delete(id);
    }
    for (const [id, settings] of wanted) if (!this.#destinations.has(id)) this.#open(settings);
    this.#report();
  }

  close(): void {
    this.#cancelBatch?.();
    this.#cancelBatch = null;
    for (const destination of this.#destinations.values()) destination.close();
    this.#destinations.clear();
  }

  #open(settings: OutputSettings): void {
    const { makeSender, clock, logger } = this.#options;
    const destination = new Destination({
      settings,
      makeSender,
      onChange: () => this.#report(),
      clock,
      logger,
    });
    this.#destinations.set(settings.id, destination);
    destination.start();
  }

  #report(): void {
    this.#cancelBatch ??= this.#options.clock.after(batchMs, () => {
      this.#cancelBatch = null;
      this.#options.onReport(this.reports);
    });
  }
}
