import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

/** One place of the authority's fingerprint, as 8 rows of 8 digits, and the digit there: never a letter, nor 0. */
export const fingerprintPlace = z.object({
  row: z.number().int().min(1).max(8),
  column: z.number().int().min(1).max(8),
  digit: z.number().int().min(1).max(9),
});
export type FingerprintPlace = z.infer<typeof fingerprintPlace>;
/** `expiresAt` (ISO 8601): until then the lights flash it. */
export const certificateProof = fingerprintPlace.extend({ expiresAt: z.string() });

const certificateFacts = z.object({
  /** SHA-256 of the certificate, `AA:BB:…`. */
  sha256: z.string(),
  /** ISO 8601. */
  notAfter: z.string(),
});
export const certificateBody = z.object({
  leaf: certificateFacts.extend({ names: z.array(z.string()) }),
  /** The box's own authority, which people install to trust the box. */
  authority: certificateFacts,
  /** For the owner's domain (`https.certificateFile`, or `https.acme`); null where there is none in use. */
  owner: certificateFacts.extend({ names: z.array(z.string()) }).nullable(),
  /** What the box asks an authority for (`https.acme`); null where it does not. */
  acme: z
    .object({
      domain: z.string(),
      /** Added once at the domain's provider, so that the box can prove it; null until the acme-dns server gave it. */
      record: z.object({ name: z.string(), type: z.literal('CNAME'), value: z.string() }).nullable(),
    })
    .nullable(),
  /** Of HTTPS; null where it is off. */
  port: z.number().int().nullable(),
});
export type CertificateBody = z.infer<typeof certificateBody>;

export const getCertificate = endpoint({
  method: 'GET',
  path: '/api/v1/certificate',
  who: 'everybody',
  answers: { 200: certificateBody },
  errors: ['unavailable'],
  summary: 'Fingerprints of the box’s certificate and of its own authority',
  description:
    'Compare them with what `onair certificate` or the USB line shows; `/trust` tells how to install the authority.',
  tag: 'box',
});

export const proveCertificate = endpoint({
  method: 'POST',
  path: '/api/v1/certificate/proof',
  who: 'everybody',
  answers: { 200: certificateProof },
  errors: ['conflict', 'timeout', 'rate-limited', 'unavailable'],
  summary: 'Has the lights show a digit of the authority’s fingerprint, once the button was held',
  description:
    'Answers as soon as the real button was held for 3 s, or 504 `timeout` after 30 s. The box chooses the place at ' +
    'random only then, and the green light flashes row, column and digit until `expiresAt`. The answer helps to read ' +
    'the light and proves nothing by itself: compare the light with the fingerprint that the device shows. ' +
    '409 `conflict` where somebody else asks for the button at the same time, 429 where this address asked in vain too often.',
  tag: 'box',
  timeoutMs: 35_000,
});

export const getAuthority = endpoint({
  method: 'GET',
  path: '/trust/onair-ca.crt',
  who: 'everybody',
  answers: { 200: { type: 'application/x-x509-ca-cert' } },
  errors: ['unavailable'],
  summary: 'The box’s own authority, to be installed (PEM)',
  tag: 'box',
});

export const getRevoked = endpoint({
  method: 'GET',
  path: '/trust/onair-ca.crl',
  who: 'everybody',
  answers: { 200: { type: 'application/pkix-crl' } },
  errors: ['unavailable'],
  summary:
    'Which certificates the authority has revoked: none; some clients insist on the list (RFC 5280, DER)',
  tag: 'box',
});

export const getAppleProfile = endpoint({
  method: 'GET',
  path: '/trust/onair.mobileconfig',
  who: 'everybody',
  answers: { 200: { type: 'application/x-apple-aspen-config' } },
  errors: ['unavailable'],
  summary: 'The same as a profile for iPhone, iPad and Mac',
  tag: 'box',
});
