import { join } from 'node:path';
import type { Problem } from '#core/domain/problem.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { Route } from '../http/router.ts';
import type { ServedPorts } from '../http/served-ports.ts';
import type { Link } from '../link/open-link.ts';
import type { Network } from '../network/open-network.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { Ingest } from './ingest.ts';
import { ingestRoutes } from './ingest-routes.ts';
import { PublisherStart } from './publisher-start.ts';

export interface OpenIngest extends Closable {
  routes: Route[];
  readonly problems: readonly Problem[];
  /** Follows publishers from here on: once the broadcast is what it was when control ended. */
  restore: () => Promise<void>;
}

/** What others publish to the box, and whether that takes it live. */
export function openIngest(
  deps: Pick<ControlContext, 'paths' | 'environment' | 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    domain: Pick<Domain, 'broadcast'>;
    network: Pick<Network, 'lan'>;
    link: Pick<Link, 'host'>;
    ports: ServedPorts;
  },
): OpenIngest {
  const { paths, environment, clock, logger, domain, network, link, ports } = deps;
  const settings = deps.settings.current;
  const ingest = new Ingest({
    settings,
    link: link.host,
    host: () => (environment.board === 'virtual' ? '127.0.0.1' : network.lan.host),
    web: () => {
      const tlsPort = settings().https.mode === 'required' ? ports.https() : null;
      return tlsPort === null
        ? { scheme: 'http', port: ports.http() ?? environment.http.port }
        : { scheme: 'https', port: tlsPort };
    },
    clock,
  });
  ingest.start();
  deps.settings.watch('', () => ingest.configure());
  const publisherStart = new PublisherStart({
    ingest,
    broadcast: domain.broadcast,
    settings,
    path: join(paths.runtimeDirectory, 'publisher-start.json'),
    clock,
    logger,
  });
  return {
    routes: ingestRoutes({ ingest }),
    get problems() {
      return ingest.problems;
    },
    restore: () => publisherStart.start(),
    close: () => publisherStart.close(),
  };
}
