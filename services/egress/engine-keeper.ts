import type { Clock } from '#core/domain/clock.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { EngineName } from './load-engine.ts';
import { EngineError } from './udp-port.ts';

/** The engine that is set, and where it listens. */
export type EngineWish = EngineOptions & { engine: EngineName };

interface Deps {
  loadEngine: (name: EngineName, options: EngineOptions) => Promise<Engine>;
  clock: Clock;
  logger: Logger;
  started: (engine: Engine) => void;
  /** It can't start; a sentence for people. It is tried again until it can. */
  failed: (why: string) => void;
}

/** Starts the WebRTC engine that is wanted first, and tries until it starts. */
export class EngineKeeper {
  readonly #deps: Deps;
  readonly #backOff = new BackOff({ firstMs: 250, maxMs: 5_000 });
  #wanted: EngineWish | null = null;
  #engine: Engine | null = null;
  #cancelRetry: () => void = () => {};
  #closed = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Null until it has started. */
  get engine(): Engine | null {
    return this.#engine;
  }

  /** @returns false where another one is wanted than before: engines keep their port until the process ends */
  want({ engine, port, bindAddress }: EngineWish): boolean {
    const before = this.#wanted;
    this.#wanted = { engine, port, bindAddress };
    if (before === null) {
      void this.#start(this.#wanted);
      return true;
    }
    return before.engine === engine && before.port === port && before.bindAddress === bindAddress;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry();
    await this.#engine?.close();
  }

  async #start({ engine: name, port, bindAddress }: EngineWish): Promise<void> {
    const { loadEngine, clock, logger, started, failed } = this.#deps;
    try {
      const engine = await loadEngine(name, { port, bindAddress });
      if (this.#closed) {
        await engine.close();
        return;
      }
      this.#engine = engine;
      logger.info({ engine: engine.name, port: engine.port }, 'WebRTC engine started');
      if (engine.name !== name)
        logger.warn({ wanted: name, engine: engine.name }, 'another WebRTC engine stands in');
      started(engine);
    } catch (error) {
      if (this.#closed) return;
      const delayMs = this.#backOff.next();
      const reason = error instanceof EngineError ? error.reason : undefined;
      logger.error({ err: error, reason, retryInMs: delayMs }, 'the WebRTC engine cannot start');
      if (error instanceof Error) failed(error.message);
      this.#cancelRetry = clock.after(delayMs, () => {
        if (this.#wanted) void this.#start(this.#wanted);
      });
    }
  }
}
