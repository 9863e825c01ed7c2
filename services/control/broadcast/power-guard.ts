import type { StreamQuality } from '#core/domain/quality.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import { batteryEmpty, type PowerWatch } from '../domain/power-policy.ts';
import type { BroadcastDirector } from './broadcast-director.ts';

/** Acts on what the power policy decides: lower quality in time, and a clean end before the battery dies. */
export function guardPower(options: {
  watch: PowerWatch;
  broadcast: Broadcast;
  quality: Pick<StreamQuality, 'declareCause'>;
  director: Pick<BroadcastDirector, 'applySettings'>;
  logger: Logger;
}): void {
  const { watch, broadcast, quality, director, logger } = options;
  const endIfExhausted = (): void => {
    if (watch.state.exhausted && broadcast.wanted) broadcast.abort(batteryEmpty);
  };
  watch.events.on('powerChanged', ({ previous, current }) => {
    logger.warn({ power: current }, 'power or heat changed');
    if (current.rung !== previous.rung) {
      quality.declareCause('quality_degradation'); // its end, too: no network has to do with it
      director.applySettings();
    }
    endIfExhausted();
  });
  broadcast.events.on('broadcastChanged', ({ current }) => {
    if (current.state === 'starting') queueMicrotask(endIfExhausted);
  });
}
