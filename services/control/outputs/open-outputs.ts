import type { Problem } from '#core/domain/problem.ts';
import type { Access } from '../access/open-access.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { Route } from '../http/router.ts';
import type { Link } from '../link/open-link.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { outputRoutes } from './output-routes.ts';
import { newOutputId, type OutputStore } from './output-store.ts';
import { Outputs } from './outputs.ts';
import { RtspOffer } from './rtsp-offer.ts';
import { Snapshots, snapshotRoutes } from './snapshots.ts';

export interface OpenOutputs {
  outputs: Outputs;
  /** The newest picture, decoded. */
  snapshots: Snapshots;
  routes: Route[];
  readonly problems: readonly Problem[];
}

/** What leaves the box besides its viewers' streams: the destinations, RTSP, pictures. */
export function openOutputs(
  deps: Pick<ControlContext, 'clock'> & {
    outputStore: OutputStore;
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    access: Pick<Access, 'pins'>;
    domain: Pick<Domain, 'broadcast' | 'audience'>;
    link: Pick<Link, 'host'>;
  },
): OpenOutputs {
  const { outputStore: store, settings, clock } = deps;
  const { broadcast, audience } = deps.domain;
  const { host: link } = deps.link;
  const rtsp = new RtspOffer({ settings: settings.current, audience, link, pins: deps.access.pins });
  settings.watch('', () => rtsp.configure());
  const outputs = new Outputs({
    store,
    broadcast,
    link,
    settings: settings.current,
    rtsp,
    newId: newOutputId,
    clock,
  });
  outputs.start();
  const snapshots = new Snapshots({ link, broadcast, clock });
  snapshots.start();
  return {
    outputs,
    snapshots,
    routes: [...outputRoutes({ outputs }), ...snapshotRoutes({ snapshots })],
    get problems() {
      return outputs.problems;
    },
  };
}
