import { OnairError } from './errors.ts';

/** How a destination is spoken to. */
export type OutputKind = 'rtmp' | 'srt' | 'whip';

/** What must never be shown: it leaves this object for the process that sends, and nothing else. */
export interface DestinationSecrets {
  /** RTMP: stream key. SRT: passphrase. WHIP: bearer token. */
  key: string | null;
  /** RTMP: `USER:PASSWORD` of the address. SRT: stream id. WHIP: its query. */
  extra: string | null;
}

/** Where a broadcast goes. */
export interface Destination extends DestinationSecrets {
  kind: OutputKind;
  /** Without anything secret. */
  url: string;
}

/** The parts of an address that an output's process takes. */
export interface RtmpTarget {
  kind: 'rtmp' | 'rtmps';
  host: string;
  port: number;
  application: string;
}
export interface SrtTarget {
  host: string;
  port: number;
  latencyMs: number;
}

const maxUrlLength = 1_024;
const maxKeyLength = 512;
const usualSrtLatencyMs = 200;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
const controlCharacters = /[\u0000-\u001f\u007f]/;
/** Scheme, user, host, port, rest; read as it is written, since keys may hold what a URL would encode. */
const address =
  /^(rtmps?|srt|https?):\/\/(?:([^@/]*)@)?(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?(?:\/([^?#]*))?(?:\?([^#]*))?$/i;

function wrong(message: string, action: string, subject = 'url'): OnairError {
  return new OnairError('invalid-message', message, { subject, action });
}

interface Parts {
  scheme: string;
  user: string | null;
  host: string;
  port: number | null;
  path: string;
  query: string | null;
}

function partsOf(text: string): Parts {
  const trimmed = text.trim();
  const found = address.exec(trimmed);
  if (found === null || trimmed.length > maxUrlLength || controlCharacters.test(trimmed)) {
    throw wrong(
      'That is not the address of a destination.',
      'Give rtmp://HOST/APP/KEY, rtmps://HOST/APP/KEY, srt://HOST:PORT or the https:// address of a WHIP endpoint.',
    );
  }
  const [, scheme = '', user, host = '', port, path = '', query] = found;
  const number = port === undefined ? null : Number(port);
  if (number !== null && (number < 1 || number > 65_535))
    throw wrong(`There is no port ${number}.`, 'Give one from 1 to 65535.');
  return {
    scheme: scheme.toLowerCase(),
    user: user || null,
    host: host.toLowerCase(),
    port: number,
    path,
    query: query ?? null,
  };
}

/**
 * Reads an address as people paste it, and takes apart what may be shown and what may not.
 * @param key given on its own; without one an RTMP address ends in its key
 * @throws OnairError `invalid-message`
 */
export function parseDestination(url: string, key: string | null): Destination {
  if (key !== null && (key.length > maxKeyLength || controlCharacters.test(key)))
    throw wrong(
      'That key can not be right: it is too long, or has control characters in it.',
      'Copy it again.',
      'key',
    );
  const parts = partsOf(url);
  const given = key === '' ? null : key;
  if (parts.scheme === 'srt') return srtDestination(parts, given);
  if (parts.scheme.startsWith('rtmp')) return rtmpDestination(parts, given);
  return whipDestination(parts, given);
}

const portText = (port: number | null): string => (port === null ? '' : `:${port}`);

function rtmpDestination({ scheme, user, host, port, path, query }: Parts, key: string | null): Destination {
  // A query belongs to the key: platforms put tokens into it.
  const suffix = query === null ? '' : `?${query}`;
  const trimmed = path.replace(/\/+$/, '');
  const end = path.lastIndexOf('/');
  const application = key === null ? path.slice(0, Math.max(0, end)) : trimmed;
  const name = key ?? path.slice(end + 1);
  const ownKey = name === '' ? '' : `${name}${suffix}`;
  if (application === '' || ownKey === '') {
    throw wrong(
      'That RTMP address has no stream key.',
      'Give the key that the platform shows, or end the address in it: rtmp://HOST/APP/KEY.',
      key === null ? 'key' : 'url',
    );
  }
  return {
    kind: 'rtmp',
    url: `${scheme}://${host}${portText(port)}/${application}`,
    key: ownKey,
    extra: user,
  };
}

function srtDestination({ user, host, port, path, query }: Parts, key: string | null): Destination {
  if (port === null || user !== null || path !== '')
    throw wrong('An SRT address is a host and a port.', 'Give srt://HOST:PORT.');
  const values = new URLSearchParams(query ?? '');
  const mode = values.get('mode');
  if (mode !== null && mode !== 'caller')
    throw wrong(`SRT in ${mode} mode is not offered.`, 'Let the destination listen, and give its address.');
  const passphrase = key ?? values.get('passphrase');
  // SRT takes no others (srt.h, SRTO_PASSPHRASE).
  if (passphrase !== null && (passphrase.length < 10 || passphrase.length > 79))
    throw wrong(
      'An SRT passphrase has 10 to 79 characters.',
      'Give the one that the destination has.',
      'key',
    );
  const latency = values.get('latency');
  if (latency !== null && !(/^\d{1,5}$/.test(latency) && Number(latency) <= 30_000))
    throw wrong('The latency of an SRT address is in milliseconds, 30000 at most.', 'Give latency=200.');
  const shown = latency === null ? '' : `?latency=${latency}`;
  return {
    kind: 'srt',
    url: `srt://${host}:${port}${shown}`,
    key: passphrase,
    extra: values.get('streamid'),
  };
}

function whipDestination({ scheme, user, host, port, path, query }: Parts, key: string | null): Destination {
  if (user !== null)
    throw wrong('A WHIP address has no user in it.', 'Give the token of the destination as its key.');
  return { kind: 'whip', url: `${scheme}://${host}${portText(port)}/${path}`, key, extra: query };
}

/** @param url as `parseDestination` made it */
export function rtmpTarget(url: string): RtmpTarget {
  const { scheme, host, port, path } = partsOf(url);
  const kind = scheme === 'rtmps' ? 'rtmps' : 'rtmp';
  return {
    kind,
    host: host.replace(/^\[|\]$/g, ''),
    port: port ?? (kind === 'rtmps' ? 443 : 1_935),
    application: path,
  };
}

/** @param url as `parseDestination` made it */
export function srtTarget(url: string): SrtTarget {
  const { host, port, query } = partsOf(url);
  const latency = new URLSearchParams(query ?? '').get('latency');
  return { host, port: port ?? 0, latencyMs: latency === null ? usualSrtLatencyMs : Number(latency) };
}
