import { createHash } from 'node:crypto';
import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import {
  getAppleProfile,
  getAuthority,
  getCertificate,
  getRevoked,
  proveCertificate,
} from '#core/protocol/endpoints/certificate.ts';
import type { Pairing } from '../domain/pairing.ts';
import { buttonPressed } from '../http/button-wait.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';
import type { AcmeCertificate } from './acme-certificate.ts';
import type { BoxProof } from './box-proof.ts';
import type { DeviceCertificate } from './device-certificate.ts';
import type { OwnerCertificate } from './owner-certificate.ts';

const notYet = (): OnairError =>
  new OnairError('unavailable', 'The box has no certificate yet.', {
    retryAfterSeconds: 5,
    action: 'Try again in a moment; onair doctor says where it cannot make one.',
  });

/** What people compare, and what they install so that their device trusts the box. */
export function certificateRoutes(options: {
  certificate: Pick<DeviceCertificate, 'facts' | 'authorityCertificate' | 'revoked'>;
  owner: Pick<OwnerCertificate, 'facts'>;
  acme: Pick<AcmeCertificate, 'facts'>;
  pairing: Pairing;
  proof: BoxProof;
  httpsPort: () => number | null;
  settings: () => Settings;
}): Route[] {
  const { certificate, owner, acme, pairing, proof, httpsPort, settings } = options;
  const authority = (): string => {
    const pem = certificate.authorityCertificate;
    if (pem === null) throw notYet();
    return pem;
  };
  const download = (name: string): Record<string, string> => ({
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-store',
  });
  return [
    serve(getCertificate, () => {
      const { facts } = certificate;
      if (!facts) throw notYet();
      return { ...facts, owner: owner.facts, acme: acme.facts, port: httpsPort() };
    }),
    serve(proveCertificate, async (asked) => {
      authority();
      await buttonPressed(asked, pairing, 'prove');
      const { facts } = certificate;
      if (!facts) throw notYet();
      return proof.show(facts.authority.sha256);
    }),
    serve(getAuthority, () => answer(200, authority(), download('onair-ca.crt'))),
    serve(getRevoked, () => {
      const { revoked } = certificate;
      if (!revoked) throw notYet();
      return answer(200, revoked, { 'cache-control': 'no-store' });
    }),
    serve(getAppleProfile, () => {
      const { id, name } = settings().device;
      const profile = configurationProfile({ deviceId: id, deviceName: name, authority: authority() });
      return answer(200, profile, download('onair.mobileconfig'));
    }),
  ];
}

/** A UUID that is always the same for one box, so that installing twice replaces. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
    .join('-')
    .toUpperCase();
}

const escaped = (text: string): string =>
  text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Apple's configuration profile with one root certificate (developer.apple.com, "CertificateRoot"). */
export function configurationProfile(options: {
  deviceId: string;
  deviceName: string;
  authority: string;
}): string {
  const { deviceId, deviceName, authority } = options;
  const der = authority.replace(/-----[A-Z ]+-----|\s/g, '');
  const title = escaped(`Onair: ${deviceName}`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadCertificateFileName</key><string>onair-ca.cer</string>
      <key>PayloadContent</key><data>${der}</data>
      <key>PayloadDescription</key><string>Lets this device trust the Onair box in your network, for local names and addresses only.</string>
      <key>PayloadDisplayName</key><string>${title}</string>
      <key>PayloadIdentifier</key><string>local.onair.${deviceId}.authority</string>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadUUID</key><string>${uuidOf(`${deviceId} authority`)}</string>
      <key>PayloadVersion</key><integer>1</integer>
    </dict>
  </array>
  <key>PayloadDisplayName</key><string>${title}</string>
  <key>PayloadIdentifier</key><string>local.onair.${deviceId}</string>
  <key>PayloadRemovalDisallowed</key><false/>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadUUID</key><string>${uuidOf(deviceId)}</string>
  <key>PayloadVersion</key><integer>1</integer>
</dict>
</plist>
`;
}
