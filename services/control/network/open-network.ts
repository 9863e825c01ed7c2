import type { Closable } from '#core/runtime/daemon.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { ServedPorts } from '../http/served-ports.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import { Lan } from './lan.ts';

export interface Network extends Closable {
  lan: Lan;
  /** Once the page is served. The box streams without a network that it can look after. */
  start: () => void;
}

/** Under which name and address the box is found, and by which radio. */
export function openNetwork(
  deps: Pick<ControlContext, 'paths' | 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    domain: Pick<Domain, 'broadcast'>;
    ports: Pick<ServedPorts, 'http'>;
    start: Pick<Start, 'optional'>;
  },
): Network {
  const { paths, clock, logger, settings, domain, ports, start } = deps;
  const lan = new Lan({
    settings: settings.current,
    paths,
    httpPort: ports.http,
    live: () => domain.broadcast.snapshot.state === 'live',
    clock,
    logger,
  });
  domain.broadcast.events.on('broadcastChanged', () => lan.advertise());
  lan.events.on('mdnsProblem', ({ problem }) => start.optional.report('mdns', problem));
  settings.watch('', (changed) => {
    lan.applySettings(changed).catch((error) => {
      logger.error({ err: error }, 'the network could not follow a change of the settings');
    });
  });
  return {
    lan,
    start: () =>
      void start.optional.start({
        name: 'network',
        failing: 'The network cannot be looked after',
        action: 'Run onair doctor. The box tries again by itself.',
        start: () => lan.start(),
      }),
    close: () => lan.close(),
  };
}
