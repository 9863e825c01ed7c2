import { constants } from 'node:crypto';
import type { Http2SecureServer, SecureServerOptions } from 'node:http2';

/** A private key and the certificate of its public half, both PEM. */
export interface KeyPair {
  key: string;
  certificate: string;
}

/** The suites of Mozilla's "intermediate" (ssl-config.mozilla.org, version 5.7) that go with an ECDSA key, and TLS 1.3's. */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
].join(':');

/** How every server of the box that speaks TLS does it. */
export const tlsOptions: SecureServerOptions = {
  allowHTTP1: true, // web sockets, and clients without HTTP/2
  minVersion: 'TLSv1.2',
  ciphers,
  honorCipherOrder: false, // the client knows what its processor is good at
  ecdhCurve: 'X25519:prime256v1:secp384r1',
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
  // One page of ours needs a few dozen at a time; a client may hold no more state than that.
  settings: { maxConcurrentStreams: 100, enablePush: false },
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
};

/** Gives a running server another key and certificate. */
export function renewIdentity(server: Http2SecureServer, { key, certificate }: KeyPair): void {
  const { ciphers, minVersion, ecdhCurve, secureOptions, honorCipherOrder } = tlsOptions;
  server.setSecureContext({
    key,
    cert: certificate,
    ...(ciphers ? { ciphers } : {}),
    ...(minVersion ? { minVersion } : {}),
    ...(ecdhCurve ? { ecdhCurve } : {}),
    ...(secureOptions ? { secureOptions } : {}),
    honorCipherOrder: honorCipherOrder ?? false,
  });
}
