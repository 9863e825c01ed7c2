import { randomBytes } from 'node:crypto';
import { parseMessage, type RTCDtlsTransport } from 'werift';

type From = readonly [host: string, port: number];

interface Socket {
  transport: { onData(data: Buffer, from: From): void };
}

/** A publisher comes from a few addresses, over Wi-Fi and cable say. */
const maxChecked = 64;

/** A name and a password that nobody guesses (RFC 8445, 5.3): werift's own are short. Before its candidates are gathered. */
export function setIceCredentials({ iceTransport: { connection } }: RTCDtlsTransport): void {
  connection.localUsername = randomBytes(6).toString('hex');
  connection.localPassword = randomBytes(16).toString('hex');
}

/**
 * Lets checks through that know the password (RFC 8445, 7.3), and then whatever else comes from where they came: werift,
 * as an ICE-lite agent, takes all of it from everybody.
 */
export function requireIcePassword({ iceTransport: { connection } }: RTCDtlsTransport): void {
  const password = Buffer.from(connection.localPassword);
  const checked = new Set<string>();
  // There is no other way to a check's bytes.
  const { protocols } = connection as unknown as { protocols: Socket[] };
  for (const { transport } of protocols) {
    const take = transport.onData;
    transport.onData = (data, from) => {
      const where = from.join(' ');
      if (!isStun(data)) {
        if (checked.has(where)) take.call(transport, data, from);
        return;
      }
      if (!parseMessage(data, password)) return;
      if (checked.size < maxChecked) checked.add(where);
      take.call(transport, data, from);
    };
  }
}

/** RFC 7983, 7. */
const isStun = (data: Buffer): boolean => (data[0] ?? 0) < 4;
