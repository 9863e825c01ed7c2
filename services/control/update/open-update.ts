import type { Problem } from '#core/domain/problem.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { Route } from '../http/router.ts';
import type { ServedPorts } from '../http/served-ports.ts';
import type { Link } from '../link/open-link.ts';
import type { OpenOutputs } from '../outputs/open-outputs.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { PictureProof } from './picture-proof.ts';
import { updateRoutes } from './update-routes.ts';
import { Updates } from './updates.ts';

export interface OpenUpdate {
  updates: Updates;
  routes: Route[];
  readonly problems: readonly Problem[];
}

/** New versions: brought to the update service, and shown to work before it commits them. */
export function openUpdate(
  deps: Pick<ControlContext, 'paths' | 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    domain: Pick<Domain, 'broadcast'>;
    link: Pick<Link, 'host'>;
    outputs: Pick<OpenOutputs, 'snapshots'>;
    ports: Pick<ServedPorts, 'http'>;
  },
): OpenUpdate {
  const { paths, clock, logger, settings, outputs, ports } = deps;
  const { broadcast } = deps.domain;
  const { host: link } = deps.link;
  const { snapshots } = outputs;
  const updates = new Updates({
    link,
    broadcast,
    proof: new PictureProof({ broadcast, link, snapshots, settings: settings.current, clock }),
    directory: paths.updateDirectory,
    httpPort: ports.http,
    settings: settings.current,
    logger,
  });
  updates.start();
  settings.watch('update.', () => updates.configure());
  return {
    updates,
    routes: updateRoutes({ updates }),
    get problems() {
      return updates.problems;
    },
  };
}
