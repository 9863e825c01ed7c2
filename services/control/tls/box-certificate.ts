import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '#core/domain/clock.ts';
import type { Settings } from '#core/domain/settings.ts';
import { getRevoked } from '#core/protocol/endpoints/certificate.ts';
import { versionMadeMs } from '#core/runtime/known-time.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Lan } from '../network/lan.ts';
import { certificateDelivery } from './certificate-order.ts';
import { DeviceCertificate } from './device-certificate.ts';
import { runOrder } from './run-order.ts';

/** Served at the cable and in the own access point, whether these are up just now or not. */
const ownAddresses = ['10.55.0.1', '10.42.0.1'];

/** Fifty times what it takes on a small board. */
const timeoutMs = 60_000;

/** The box's certificate, which follows its name and its addresses. */
export function boxCertificate(options: {
  dataDirectory: string;
  settings: () => Settings;
  lan: Pick<Lan, 'hostname' | 'events'>;
  /** Of plain HTTP: what says whether a certificate holds cannot be asked for over that certificate. */
  httpPort: () => number | null;
  clock: Clock;
  logger: Logger;
}): DeviceCertificate {
  const { dataDirectory, settings, lan, httpPort, clock, logger } = options;
  const program = fileURLToPath(new URL('certificate-process.js', import.meta.url));
  const certificate = new DeviceCertificate({
    directory: join(dataDirectory, 'tls'),
    make: (order) => runOrder({ program, order, delivery: certificateDelivery, timeoutMs }),
    hostnames: () => [settings().network.hostname, lan.hostname],
    addresses: () => [
      ...ownAddresses,
      ...Object.values(networkInterfaces()).flatMap((some) => some?.map(({ address }) => address) ?? []),
    ],
    revokedUrl: () => {
      const port = httpPort();
      if (port === null) return null;
      return `http://${lan.hostname}.local${port === 80 ? '' : `:${port}`}${getRevoked.path}`;
    },
    deviceId: () => settings().device.id,
    notBeforeMs: versionMadeMs(program),
    clock,
    logger,
  });
  lan.events.on('lanChanged', () => certificate.namesChanged());
  return certificate;
}
