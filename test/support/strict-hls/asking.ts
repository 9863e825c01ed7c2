import { once } from 'node:events';
import { connect } from 'node:http2';
import type { Secure } from '../secure-box.ts';

export interface HlsAnswer {
  status: number;
  header: (name: string) => string | null;
  body: Buffer;
}

/** A player's way to a box. */
export interface HlsWay {
  name: string;
  get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<HlsAnswer>;
  close: () => void;
}

/** Plain HTTP/1.1. @param origin "http://127.0.0.1:8080" */
export function overHttp(origin: string): HlsWay {
  return {
    name: 'HTTP',
    get: async (path, headers = {}) => {
      // Fetch would unpack what comes packed, and ask for that by itself.
      const answer = await fetch(`${origin}${path}`, {
        headers: { 'accept-encoding': 'identity', ...headers },
      });
      const body = Buffer.from(await answer.arrayBuffer());
      return { status: answer.status, header: (name) => answer.headers.get(name), body };
    },
    close: () => {},
  };
}

/** HTTP/2 over TLS, on one connection. */
export async function overHttps({ port, authority }: Secure): Promise<HlsWay> {
  const session = connect(`https://127.0.0.1:${port}`, { ca: authority });
  await once(session, 'connect');
  return {
    name: 'HTTPS',
    get: async (path, headers = {}) => {
      const stream = session.request({ ':path': path, ...headers });
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      const [answered] = await once(stream, 'response');
      if (!stream.readableEnded) await once(stream, 'end');
      const header = (name: string): string | null => {
        const value = answered[name];
        return value === undefined ? null : String(value);
      };
      return { status: Number(answered[':status']), header, body: Buffer.concat(pieces) };
    },
    close: () => session.close(),
  };
}
