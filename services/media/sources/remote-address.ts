/** What an element needs to pull from an address; user, password and passphrase stand apart from what it may log. */
export interface RemoteAddress {
  /** Without anything secret. */
  location: string;
  /** Properties of the element, by GStreamer's names. */
  properties: Record<string, string | number>;
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** @param url `rtsp://user:password@host:port/path?query`. @throws TypeError where it is none */
export function rtspAddress(url: string): RemoteAddress {
  const parsed = new URL(url);
  const properties: RemoteAddress['properties'] = {};
  if (parsed.username !== '') {
    properties['user-id'] = decoded(parsed.username);
    properties['user-pw'] = decoded(parsed.password);
  }
  parsed.username = '';
  parsed.password = '';
  return { location: parsed.href, properties };
}

/** @param url `srt://host:port?streamid=…&passphrase=…&latency=ms&pbkeylen=16|24|32`. @throws TypeError where it is none */
export function srtAddress(url: string): RemoteAddress {
  const parsed = new URL(url);
  const properties: RemoteAddress['properties'] = {};
  for (const name of ['streamid', 'passphrase']) {
    const value = parsed.searchParams.get(name);
    if (value) properties[name] = value;
  }
  const latencyMs = Number(parsed.searchParams.get('latency'));
  if (Number.isInteger(latencyMs) && latencyMs > 0 && latencyMs <= 8_000) properties.latency = latencyMs;
  const keyBytes = Number(parsed.searchParams.get('pbkeylen'));
  if ([16, 24, 32].includes(keyBytes)) properties.pbkeylen = keyBytes;
  return { location: `srt://${parsed.hostname}:${parsed.port || 9710}?mode=caller`, properties };
}
