/**
 * The STUN and TURN servers of a WHEP answer (draft-ietf-wish-whep, "STUN/TURN Server Configuration"): `Link` headers
 * with `rel="ice-server"`, which `fetch` hands over in one line. What can't be read is left out.
 */
export function iceServersOf(link: string | null): RTCIceServer[] {
  const servers: RTCIceServer[] = [];
  // Quoted values may hold any of the signs that part the rest.
  for (const [, url = '', rest = ''] of (link ?? '').matchAll(
    /<([^>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"[^"]*"|[^";,\s]*))*)/g,
  )) {
    const values = new Map<string, string>();
    for (const [, name = '', quoted, plain] of rest.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^";,\s]*))/g))
      values.set(name.toLowerCase(), quoted ?? plain ?? '');
    if (values.get('rel') !== 'ice-server' || !/^(stun|turn)s?:/i.test(url)) continue;
    const username = values.get('username');
    const credential = values.get('credential');
    servers.push({ urls: url, ...(username && credential ? { username, credential } : {}) });
  }
  return servers;
}
