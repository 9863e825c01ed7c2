import type { Closable } from '#core/runtime/daemon.ts';
import { Parts } from '#core/runtime/parts.ts';
import type { Route } from '../http/router.ts';
import type { ServedPorts } from '../http/served-ports.ts';
import type { Network } from '../network/open-network.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import { boxCertificate } from './box-certificate.ts';
import { certificateRoutes } from './certificate-routes.ts';
import type { DeviceCertificate } from './device-certificate.ts';
import { OwnerCertificate } from './owner-certificate.ts';

export interface Tls extends Closable {
  certificate: DeviceCertificate;
  owner: OwnerCertificate;
  routes: Route[];
  /** Once the servers are there that show the certificates. */
  start: () => void;
}

/** The box's own certificate, and the owner's for a domain of theirs. */
export function openTls(
  deps: Pick<ControlContext, 'paths' | 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    network: Network;
    ports: Pick<ServedPorts, 'https'>;
    start: Pick<Start, 'optional'>;
  },
): Tls {
  const { paths, clock, logger, network, ports, start } = deps;
  const settings = deps.settings.current;
  const parts = new Parts();
  const certificate = parts.own(
    boxCertificate({ dataDirectory: paths.dataDirectory, settings, lan: network.lan, clock, logger }),
  );
  const owner = parts.own(new OwnerCertificate({ files: () => settings().https, clock, logger }));
  owner.events.on('problemChanged', ({ problem }) => start.optional.report('https', problem));
  deps.settings.watch('https.', () => void owner.check());
  return {
    certificate,
    owner,
    routes: certificateRoutes({ certificate, owner, httpsPort: ports.https, settings }),
    start: () => {
      void certificate.start();
      void owner.start();
    },
    close: () => parts.close(),
  };
}
