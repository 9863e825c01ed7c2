import type { Problem } from '#core/domain/problem.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { Parts } from '#core/runtime/parts.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { EgressPulse } from './egress-pulse.ts';
import { LinkHost } from './link-host.ts';
import { OwnEgress } from './own-egress.ts';

export interface Link extends Closable {
  host: LinkHost;
  pulse: EgressPulse;
  /** This box as viewers watch it. */
  egress: OwnEgress;
  readonly problems: readonly Problem[];
}

/** The daemons that carry the broadcast, as soon as a server lets them in. */
export function openLink(
  deps: Pick<ControlContext, 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'deviceId'>;
    domain: Pick<Domain, 'sessions'>;
  },
): Link {
  const { settings, domain, clock, logger } = deps;
  const { deviceId } = settings;
  const parts = new Parts();
  const host = parts.own(new LinkHost({ logger, deviceId }));
  const pulse = parts.own(new EgressPulse({ link: host, clock, logger }));
  pulse.start();
  const egress = new OwnEgress({ link: host, deviceId, clock, silent: () => pulse.silent });
  egress.start(domain.sessions);
  return {
    host,
    pulse,
    egress,
    get problems() {
      return [...pulse.problems, ...egress.problems];
    },
    close: () => parts.close(),
  };
}
