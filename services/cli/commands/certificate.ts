import { getCertificate } from '#core/protocol/endpoints/certificate.ts';
import type { LinkApi } from '../link-api.ts';

/** `onair certificate [--json]`: what to compare before a device is told to trust the box. */
export async function showCertificate(api: LinkApi, { json }: { json: boolean }): Promise<string> {
  const body = await api.call(getCertificate);
  if (json) return JSON.stringify(body, null, 2);
  const { leaf, authority, port } = body;
  return [
    'The box’s own authority, which devices install to trust the box:',
    `  SHA-256  ${authority.sha256}`,
    `  until    ${authority.notAfter.slice(0, 10)}`,
    'The certificate that browsers show:',
    `  SHA-256  ${leaf.sha256}`,
    `  until    ${leaf.notAfter.slice(0, 10)}`,
    `  for      ${leaf.names.join(', ')}`,
    port === null
      ? 'HTTPS is off: onair settings set https.mode auto'
      : 'Open /trust on the box’s page to install the authority, and compare the first line.',
  ].join('\n');
}
