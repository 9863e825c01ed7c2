import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Clock } from '#core/domain/clock.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { AcmeCertificate } from './acme-certificate.ts';
import { runOrder } from './run-order.ts';

/** Authorities look at the record from several places, one after the other. */
const timeoutMs = 180_000;

/** The certificate of `https.acme`, beside the box's own. */
export function boxAcmeCertificate(options: {
  dataDirectory: string;
  settings: () => Settings;
  clock: Clock;
  logger: Logger;
}): AcmeCertificate {
  const { dataDirectory, settings, ...rest } = options;
  const program = fileURLToPath(new URL('acme-process.js', import.meta.url));
  return new AcmeCertificate({
    directory: join(dataDirectory, 'tls'),
    run: (order) => runOrder({ program, order, delivery: z.unknown(), timeoutMs }),
    settings: () => settings().https.acme,
    ...rest,
  });
}
