import type { RTCDtlsTransport } from 'werift';

const alertType = 21;
/** Level warning, close_notify. */
const closeNotifyAlert = Buffer.from([1, 0]);

/**
 * Tells the other end that the session is over (RFC 8446, 6.1), which werift leaves out: without it a browser finds out by
 * its consent checks, after 30 s. An alert goes out like data, as a record of its own type.
 */
export async function closeNotify({ dtls }: RTCDtlsTransport): Promise<void> {
  if (!dtls) return;
  const cipher = dtls.cipher;
  const encrypt = cipher.encryptPacket.bind(cipher);
  cipher.encryptPacket = (record) => {
    record.recordLayerHeader.contentType = alertType;
    return encrypt(record);
  };
  await dtls.send(closeNotifyAlert).catch(() => {}); // the other end's network is gone
  await new Promise((resolve) => setImmediate(resolve)); // a socket that is closed in the same turn sends nothing
}
