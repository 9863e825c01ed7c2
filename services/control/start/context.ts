import type { Clock } from '#core/domain/clock.ts';
import type { Environment } from '#core/runtime/environment.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Paths } from '#core/runtime/paths.ts';

/** What every room of control may use. */
export interface ControlContext {
  paths: Paths;
  environment: Environment;
  /** The folder of the built programs and of the page. */
  bundles: string;
  /** This start of the machine. */
  bootId: string;
  clock: Clock;
  logger: Logger;
}
