import { z } from 'zod';
import { certificateBody, getCertificate } from '#core/protocol/endpoints/certificate.ts';
import { command } from '../command.ts';

export const certificateCommand = command({
  method: 'certificate',
  summary: 'Fingerprints of the box’s certificate, and how to trust it',
  arguments: [],
  params: z.strictObject({}),
  result: certificateBody,
  run: async (_, { box, signal }) => await box.call(getCertificate, { signal }),
  show: ({ leaf, authority, owner, acme, port }, { prefix }) =>
    [
      'The box’s own authority, which devices install to trust the box:',
      `  SHA-256  ${authority.sha256}`,
      `  until    ${authority.notAfter.slice(0, 10)}`,
      'The certificate that browsers show:',
      `  SHA-256  ${leaf.sha256}`,
      `  until    ${leaf.notAfter.slice(0, 10)}`,
      `  for      ${leaf.names.join(', ')}`,
      ...(owner
        ? [
            'The certificate for your domain:',
            `  SHA-256  ${owner.sha256}`,
            `  until    ${owner.notAfter.slice(0, 10)}`,
            `  for      ${owner.names.join(', ')}`,
          ]
        : []),
      ...(acme?.record
        ? [
            `By this record the box proves ${acme.domain}:`,
            `  ${acme.record.name} CNAME ${acme.record.value}`,
          ]
        : []),
      port === null
        ? `HTTPS is off: ${prefix}settings set https.mode auto`
        : 'Open /trust on the box’s page to install the authority, and compare the first line.',
    ].join('\n'),
});
