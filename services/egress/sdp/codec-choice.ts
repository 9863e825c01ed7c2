import { attribute, type MediaSection, printable } from './session-description.ts';

/** The payload type that the viewer wants its stream under, and what the answer repeats of it. */
export interface ChosenCodec {
  payloadType: number;
  /** "H264/90000", "opus/48000/2". */
  rtpmap: string;
  /** Format parameters for the answer; empty for none. */
  fmtp: string;
  /** RTCP feedback that both sides know: of what we can act on, what was offered. */
  feedback: string[];
  /** Under which packets sent again go (RFC 4588); null where they go as they were. */
  repeatPayloadType: number | null;
  /** Header extensions that both sides know (RFC 8285). */
  extensions: HeaderExtension[];
}

export interface HeaderExtension {
  /** 1 to 14: the one-byte form. */
  id: number;
  uri: string;
}

/** What an engine can do for one viewer's bandwidth. */
export interface SenderFeatures {
  /** Transport-wide sequence numbers, send times, and packets sent again as a stream of their own. */
  congestionControl: boolean;
}

export const extensionUri = {
  transportSequence: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  sendTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
} as const;

interface OfferedCodec {
  payloadType: number;
  encoding: string;
  parameters: Map<string, string>;
}

const knownFeedback = ['nack', 'nack pli', 'ccm fir'];
const congestionFeedback = ['goog-remb', 'transport-cc'];

/**
 * The H.264 payload type for a constrained-baseline stream in packetization-mode 1 (RFC 6184, 8.1), best first:
 * constrained baseline, baseline, then any other profile, since each of their decoders plays it too. A format that
 * leaves packetization-mode out (GStreamer's default) comes last: it would mean 0, yet such receivers take mode 1.
 */
export function chooseH264(section: MediaSection, features: SenderFeatures): ChosenCodec | null {
  let best: { codec: OfferedCodec; rank: number } | null = null;
  for (const codec of offeredCodecs(section)) {
    if (codec.encoding.toLowerCase() !== 'h264/90000') continue;
    const rank = h264Rank(codec.parameters);
    if (rank !== null && (best === null || rank < best.rank)) best = { codec, rank };
  }
  if (!best) return null;
  const { payloadType, parameters } = best.codec;
  const profile = profileLevelId(parameters);
  const fmtp = ['level-asymmetry-allowed=1', 'packetization-mode=1'];
  if (profile) fmtp.push(`profile-level-id=${profile}`);
  return {
    payloadType,
    rtpmap: 'H264/90000',
    fmtp: fmtp.join(';'),
    feedback: offeredFeedback(section, payloadType, features),
    repeatPayloadType: features.congestionControl ? offeredRepeat(section, payloadType) : null,
    extensions: features.congestionControl ? offeredExtensions(section) : [],
  };
}

export function chooseOpus(section: MediaSection, features: SenderFeatures): ChosenCodec | null {
  for (const { payloadType, encoding, parameters } of offeredCodecs(section)) {
    if (encoding.toLowerCase() !== 'opus/48000/2') continue;
    const stereo = parameters.get('stereo') === '1' ? ';stereo=1;sprop-stereo=1' : '';
    return {
      payloadType,
      rtpmap: 'opus/48000/2',
      fmtp: `minptime=10;useinbandfec=1${stereo}`,
      feedback: offeredFeedback(section, payloadType, features).filter((each) => each === 'transport-cc'),
      repeatPayloadType: null,
      extensions: features.congestionControl ? offeredExtensions(section) : [],
    };
  }
  return null;
}

/** Names of the codecs a section offers, for an error message: "VP8, VP9". */
export function offeredNames(section: MediaSection): string {
  const names = new Set([...offeredCodecs(section)].map(({ encoding }) => encoding.split('/')[0] ?? ''));
  return printable([...names].filter((name) => !/^(rtx|red|ulpfec|flexfec-03)$/i.test(name)).join(', '));
}

function* offeredCodecs(section: MediaSection): Generator<OfferedCodec> {
  for (const { name, value } of section.attributes) {
    const match = name === 'rtpmap' ? /^(\d{1,3}) ([A-Za-z0-9./-]{1,64})$/.exec(value.trim()) : null;
    if (!match) continue;
    const [, number = '', encoding = ''] = match;
    // RFC 5761, 4: 64 to 95 would be taken for RTCP.
    const payloadType = Number(number);
    if (payloadType > 127 || (payloadType >= 64 && payloadType <= 95)) continue;
    if (!section.formats.includes(number)) continue;
    yield { payloadType, encoding, parameters: formatParameters(section, number) };
  }
}

function formatParameters(section: MediaSection, payloadType: string): Map<string, string> {
  const line = section.attributes.find(
    ({ name, value }) => name === 'fmtp' && value.startsWith(`${payloadType} `),
  );
  const parameters = new Map<string, string>();
  for (const part of (line?.value.slice(payloadType.length + 1) ?? '').split(';').slice(0, 32)) {
    const [key = '', value = ''] = part.trim().split('=');
    if (key) parameters.set(key.toLowerCase(), value.trim());
  }
  return parameters;
}

function profileLevelId(parameters: Map<string, string>): string | null {
  const value = parameters.get('profile-level-id') ?? '';
  return /^[0-9a-fA-F]{6}$/.test(value) ? value.toLowerCase() : null;
}

function h264Rank(parameters: Map<string, string>): number | null {
  const mode = parameters.get('packetization-mode');
  if (mode === undefined) return 3;
  if (mode !== '1') return null;
  const profile = profileLevelId(parameters);
  if (profile === null || !profile.startsWith('42')) return 2;
  // Second byte, bit 6: constraint_set1_flag makes it the constrained baseline.
  return Number.parseInt(profile.slice(2, 4), 16) & 0x40 ? 0 : 1;
}

/** The payload type that repeats this one, each packet with the number that it had (RFC 4588, 8.6). */
function offeredRepeat(section: MediaSection, payloadType: number): number | null {
  for (const codec of offeredCodecs(section)) {
    if (codec.encoding.toLowerCase() !== 'rtx/90000') continue;
    if (codec.parameters.get('apt') === String(payloadType)) return codec.payloadType;
  }
  return null;
}

/** RFC 8285, 5; of each that we write, the first number in reach of the one-byte form. */
function offeredExtensions(section: MediaSection): HeaderExtension[] {
  const extensions: HeaderExtension[] = [];
  for (const { name, value } of section.attributes) {
    const match =
      name === 'extmap' ? /^(\d{1,2})(?:\/(?:sendrecv|recvonly))? (\S{1,128})/.exec(value.trim()) : null;
    const [, number, uri = ''] = match ?? [];
    const id = Number(number);
    if (!match || id < 1 || id > 14 || !Object.values<string>(extensionUri).includes(uri)) continue;
    if (!extensions.some((each) => each.uri === uri || each.id === id)) extensions.push({ id, uri });
  }
  return extensions;
}

function offeredFeedback(section: MediaSection, payloadType: number, features: SenderFeatures): string[] {
  const offered = new Set<string>();
  for (const { name, value } of section.attributes) {
    const match = name === 'rtcp-fb' ? /^(\*|\d{1,3}) (.+)$/.exec(value.trim()) : null;
    if (match && (match[1] === '*' || Number(match[1]) === payloadType)) offered.add(match[2] ?? '');
  }
  const known = features.congestionControl ? [...knownFeedback, ...congestionFeedback] : knownFeedback;
  return known.filter((each) => offered.has(each));
}

export const isDirection = (name: string): boolean => /^(sendrecv|sendonly|recvonly|inactive)$/.test(name);

/** True where the viewer wants to receive; without a word on direction it does (RFC 8866, 6.7). */
export function wantsToReceive(section: MediaSection): boolean {
  const direction = section.attributes.find(({ name }) => isDirection(name))?.name ?? 'sendrecv';
  return section.port !== 0 || attribute(section.attributes, 'bundle-only') !== null
    ? direction === 'recvonly' || direction === 'sendrecv'
    : false;
}
