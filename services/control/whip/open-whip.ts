import type { Access } from '../access/open-access.ts';
import type { Route } from '../http/router.ts';
import type { Link } from '../link/open-link.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { Whip } from './whip.ts';

/** Streams that others publish by WHIP. */
export function openWhip(
  deps: Pick<ControlContext, 'clock'> & {
    settings: Pick<OpenSettings, 'current'>;
    access: Pick<Access, 'iceServers'>;
    link: Pick<Link, 'host'>;
  },
): { routes: Route[] } {
  const { clock, settings, access, link } = deps;
  const { iceServers } = access;
  const whip = new Whip({ settings: settings.current, link: link.host, iceServers, clock });
  whip.start();
  return whip;
}
