import { createHmac } from 'node:crypto';

const base64Secret = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/**
 * The header `webhook-signature` of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over `ID.TIMESTAMP.BODY`.
 * @param secret `whsec_` and base64, as the libraries make it; else its letters are the key
 */
export function signatureOf(secret: string, id: string, timestamp: number, body: string): string {
  const [, encoded] = base64Secret.exec(secret) ?? [];
  const key = encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
