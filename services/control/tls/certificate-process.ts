import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  CRLNumber,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  NameConstraints,
} from '@peculiar/asn1-x509';
import * as x509 from '@peculiar/x509';
import type { KeyPair } from '../http/tls-options.ts';
import { permittedDomains, permittedRanges } from './certificate-names.ts';
import { type CertificateOrder, certificateOrder } from './certificate-order.ts';

/**
 * Makes certificates and ends: what that takes of memory is needed once a year. Reads a CertificateOrder from standard input,
 * since command lines can be read by others, and writes a CertificateDelivery to standard output.
 */

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
x509.cryptoProvider.set(webcrypto as never); // the same thing to Node.js and to the DOM's types

/** Positive, as RFC 5280, 4.1.2.2 asks. */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`;

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

async function signingKeyOf(pem: string): Promise<webcrypto.CryptoKey> {
  return await webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), algorithm, false, [
    'sign',
  ]);
}

function nameConstraints(): x509.Extension {
  const permitted = [
    ...permittedDomains.map((domain) => new GeneralName({ dNSName: domain })),
    ...permittedRanges.map((range) => new GeneralName({ iPAddress: range })),
  ].map((base) => new GeneralSubtree({ base }));
  const value = new NameConstraints({ permittedSubtrees: new GeneralSubtrees(permitted) });
  return new x509.Extension('2.5.29.30', true, AsnConvert.serialize(value));
}

async function makeAuthority(order: CertificateOrder): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${order.authorityName}`,
    notBefore: new Date(order.authorityFrom),
    notAfter: new Date(order.authorityUntil),
    signingAlgorithm: algorithm,
    keys: keys as never,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      nameConstraints(),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
    ],
  });
  return { key: await pemOf(keys.privateKey), certificate: certificate.toString('pem') };
}

async function makeLeaf(order: CertificateOrder, authority: KeyPair): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${order.commonName}`,
    issuer: issuer.subject,
    notBefore: new Date(order.from),
    notAfter: new Date(order.until),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey as never,
    signingKey: (await signingKeyOf(authority.key)) as never,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...order.domains.map((value) => ({ type: 'dns' as const, value })),
        ...order.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(order.revokedUrl === null ? [] : [new x509.CRLDistributionPointsExtension([order.revokedUrl])]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
    ],
  });
  return { key: await pemOf(keys.privateKey), certificate: certificate.toString('pem') };
}

/** Some clients (Windows' own) take no certificate whose revocation they cannot look up. */
async function makeRevoked(order: CertificateOrder, authority: KeyPair): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.subject,
    thisUpdate: new Date(order.from),
    nextUpdate: new Date(order.until),
    signingAlgorithm: algorithm,
    signingKey: (await signingKeyOf(authority.key)) as never,
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      // It has to grow (5.2.3): the time at which this one begins.
      new x509.Extension('2.5.29.20', false, AsnConvert.serialize(new CRLNumber(Date.parse(order.from)))),
    ],
  });
  return Buffer.from(list.rawData).toString('base64');
}

const order = certificateOrder.parse(JSON.parse(await text(process.stdin)));
const authority = order.authority ?? (await makeAuthority(order));
const leaf = await makeLeaf(order, authority);
const revoked = await makeRevoked(order, authority);
process.stdout.write(JSON.stringify({ authority, leaf, revoked }));
