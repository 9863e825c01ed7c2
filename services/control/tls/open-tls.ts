import { randomInt } from 'node:crypto';
import type { Closable } from '#core/runtime/daemon.ts';
import { Parts } from '#core/runtime/parts.ts';
import type { Access } from '../access/open-access.ts';
import type { Route } from '../http/router.ts';
import type { ServedPorts } from '../http/served-ports.ts';
import type { Network } from '../network/open-network.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import { boxAcmeCertificate } from './box-acme-certificate.ts';
import { boxCertificate } from './box-certificate.ts';
import { BoxProof } from './box-proof.ts';
import { certificateRoutes } from './certificate-routes.ts';
import type { DeviceCertificate } from './device-certificate.ts';
import { OwnerCertificate } from './owner-certificate.ts';

export interface Tls extends Closable {
  certificate: DeviceCertificate;
  owner: OwnerCertificate;
  proof: BoxProof;
  routes: Route[];
  /** Once the servers are there that show the certificates. */
  start: () => void;
}

/** The box's own certificate, and the owner's for a domain of theirs. */
export function openTls(
  deps: Pick<ControlContext, 'paths' | 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    access: Pick<Access, 'pairing'>;
    network: Network;
    ports: Pick<ServedPorts, 'http' | 'https'>;
    start: Pick<Start, 'optional'>;
  },
): Tls {
  const { paths, clock, logger, access, network, ports, start } = deps;
  const settings = deps.settings.current;
  const parts = new Parts();
  const certificate = parts.own(
    boxCertificate({
      ...{ dataDirectory: paths.dataDirectory, settings, clock, logger },
      lan: network.lan,
      httpPort: ports.http,
    }),
  );
  const proof = parts.own(new BoxProof({ clock, pick: (count) => randomInt(count) }));
  const { dataDirectory } = paths;
  const acme = parts.own(boxAcmeCertificate({ dataDirectory, settings, clock, logger }));
  const ownerFiles = () => {
    const { certificateFile, keyFile } = settings().https;
    if (certificateFile !== null || keyFile !== null) return { certificateFile, keyFile };
    return { certificateFile: acme.file, keyFile: acme.file };
  };
  const owner = parts.own(new OwnerCertificate({ files: ownerFiles, clock, logger }));
  acme.events.on('problemChanged', ({ problem }) => start.optional.report('acme', problem));
  acme.events.on('certificateChanged', () => void owner.check());
  deps.settings.watch('https.acme.', () => void acme.settingsChanged());
  owner.events.on('problemChanged', ({ problem }) => start.optional.report('https', problem));
  deps.settings.watch('https.', () => void owner.check());
  return {
    certificate,
    owner,
    proof,
    routes: certificateRoutes({
      ...{ certificate, owner, acme, proof, settings },
      pairing: access.pairing,
      httpsPort: ports.https,
    }),
    start: () => {
      void certificate.start();
      void owner.start();
      void acme.start();
    },
    close: () => parts.close(),
  };
}
