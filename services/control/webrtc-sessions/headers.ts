import type { IceServer } from '#core/protocol/signaling.ts';
import type { IceNames } from '../domain/watch-session.ts';

/** The box's ICE user name: it is another one in each ICE session. */
export const etagOf = ({ deviceUfrag }: IceNames): string => `"${deviceUfrag}"`;

/** Of the first section that has one, as of all: there is one transport. */
export const ufragOf = (sdp: string): string => /^a=ice-ufrag:(.*?)\s*$/m.exec(sdp)?.[1] ?? '';

/** Each STUN and TURN server as a `Link` (RFC 9725, 4.6). */
export function linkHeaders(server: IceServer): string[] {
  const urls = Array.isArray(server.urls) ? server.urls : [server.urls];
  const credential = server.username
    ? `; username="${server.username}"; credential="${server.credential ?? ''}"; credential-type="password"`
    : '';
  return urls.map((url) => `<${url}>; rel="ice-server"${credential}`);
}
