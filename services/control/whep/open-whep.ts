import type { Access } from '../access/open-access.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { Route } from '../http/router.ts';
import type { Link } from '../link/open-link.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { Whep } from './whep.ts';

/** This box's picture for any WHEP player. */
export function openWhep(
  deps: Pick<ControlContext, 'clock'> & {
    settings: Pick<OpenSettings, 'deviceId'>;
    access: Pick<Access, 'iceServers'>;
    domain: Pick<Domain, 'broadcast' | 'sessions'>;
    link: Pick<Link, 'egress'>;
  },
): { routes: Route[] } {
  const { clock, settings, access, domain, link } = deps;
  const { broadcast, sessions } = domain;
  const { deviceId } = settings;
  const { iceServers } = access;
  return new Whep({ sessions, broadcast, device: link.egress, deviceId, iceServers, clock });
}
