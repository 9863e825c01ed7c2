import { createHash, randomBytes } from 'node:crypto';
import type { Kind } from './requirement.ts';

export interface SdpSection {
  kind: string;
  port: number;
  protocol: string;
  formats: string[];
  lines: string[];
}

export interface Sdp {
  lines: string[];
  sections: SdpSection[];
}

/** Splits a description; what no requirement asks for stays as lines. */
export function parseSdp(text: string): Sdp {
  const sdp: Sdp = { lines: [], sections: [] };
  for (const line of text.split(/\r?\n/)) {
    const media = /^m=(\S+) (\d+)\S* (\S+) (.*)$/.exec(line);
    if (media) {
      const [, kind = '', port = '0', protocol = '', formats = ''] = media;
      sdp.sections.push({
        kind,
        port: Number(port),
        protocol,
        formats: formats.trim().split(' '),
        lines: [],
      });
    } else (sdp.sections.at(-1)?.lines ?? sdp.lines).push(line);
  }
  return sdp;
}

/** Values of an attribute in these lines: "" for a flag. */
export function valuesOf(lines: readonly string[], name: string): string[] {
  return lines.flatMap((line) => {
    if (line === `a=${name}`) return [''];
    return line.startsWith(`a=${name}:`) ? [line.slice(name.length + 3).trim()] : [];
  });
}

/** The first value in the section, else at session level. */
export function attributeOf(sdp: Sdp, section: SdpSection, name: string): string | null {
  return valuesOf(section.lines, name)[0] ?? valuesOf(sdp.lines, name)[0] ?? null;
}

/** Sections that were not rejected. */
export function acceptedOf(sdp: Sdp): SdpSection[] {
  const bundled = (valuesOf(sdp.lines, 'group').find((group) => group.startsWith('BUNDLE')) ?? '').split(' ');
  return sdp.sections.filter(
    (section) =>
      section.port !== 0 ||
      (valuesOf(section.lines, 'bundle-only').length > 0 &&
        bundled.includes(valuesOf(section.lines, 'mid')[0] ?? '')),
  );
}

export const directionOf = (lines: readonly string[]): string =>
  ['sendrecv', 'sendonly', 'recvonly', 'inactive'].find((name) => lines.includes(`a=${name}`)) ?? 'sendrecv';

export interface Candidate {
  transport: string;
  address: string;
  port: number;
  type: string;
}

export function candidatesOf(sdp: Sdp): Candidate[] {
  return [sdp.lines, ...sdp.sections.map((section) => section.lines)].flatMap((lines) =>
    valuesOf(lines, 'candidate').flatMap((value) => {
      const [, , transport = '', , address = '', port = '', , type = ''] = value.split(' ');
      return address ? [{ transport: transport.toLowerCase(), address, port: Number(port), type }] : [];
    }),
  );
}

export interface OwnOfferOptions {
  /** Order of the sections; default audio, video. */
  kinds?: readonly ('audio' | 'video' | 'application')[];
  direction?: string;
  setup?: string;
  /** `a=` lines of the video section in place of the usual codecs, with their payload types. */
  video?: { formats: string[]; lines: string[] };
  /** Further lines of each section. */
  sectionLines?: readonly string[];
  sessionLines?: readonly string[];
  bundle?: boolean;
  mid?: boolean;
  /** All sections but the first have port 0 and `a=bundle-only` (RFC 9143, 7.2.1). */
  bundleOnly?: boolean;
  ufrag?: string;
  pwd?: string;
  msid?: boolean;
}

const h264 = {
  formats: ['102', '103', '96', '97'],
  lines: [
    'a=rtpmap:102 H264/90000',
    'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    ...['nack', 'nack pli', 'ccm fir', 'transport-cc'].map((feedback) => `a=rtcp-fb:102 ${feedback}`),
    'a=rtpmap:103 rtx/90000',
    'a=fmtp:103 apt=102',
    'a=rtpmap:96 VP8/90000',
    ...['nack', 'nack pli', 'ccm fir'].map((feedback) => `a=rtcp-fb:96 ${feedback}`),
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
  ],
};
const opus = {
  formats: ['111'],
  lines: ['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1'],
};

export const newUfrag = (): string => randomBytes(6).toString('hex');
export const newPwd = (): string => randomBytes(16).toString('hex');

/** The fingerprint of a certificate that nobody has. */
export function strangeFingerprint(): string {
  const digest = createHash('sha256').update(randomBytes(32)).digest('hex').toUpperCase();
  return `sha-256 ${digest.match(/../g)?.join(':')}`;
}

/** An offer as browsers write it, by hand: for the shapes that no library makes. */
export function ownOffer(kind: Kind, options: OwnOfferOptions = {}): string {
  const { kinds = ['audio', 'video'], bundle = true, mid = true, setup = 'actpass' } = options;
  const { ufrag = newUfrag(), pwd = newPwd() } = options;
  const direction = options.direction ?? (kind === 'whep' ? 'recvonly' : 'sendonly');
  const fingerprint = strangeFingerprint();
  const sends = direction === 'sendonly' || direction === 'sendrecv';
  const sections = kinds.flatMap((media, index) => {
    const hidden = options.bundleOnly === true && index > 0;
    const transport = [
      'c=IN IP4 0.0.0.0',
      `a=ice-ufrag:${ufrag}`,
      `a=ice-pwd:${pwd}`,
      `a=fingerprint:${fingerprint}`,
      `a=setup:${setup}`,
      ...(mid ? [`a=mid:${index}`] : []),
      ...(hidden ? ['a=bundle-only'] : []),
    ];
    if (media === 'application')
      return [
        `m=application ${hidden ? 0 : 9} UDP/DTLS/SCTP webrtc-datachannel`,
        ...transport,
        'a=sctp-port:5000',
      ];
    const codecs = media === 'audio' ? opus : (options.video ?? h264);
    return [
      `m=${media} ${hidden ? 0 : 9} UDP/TLS/RTP/SAVPF ${codecs.formats.join(' ')}`,
      ...transport,
      `a=${direction}`,
      'a=rtcp-mux',
      'a=rtcp-mux-only',
      'a=rtcp-rsize',
      ...codecs.lines,
      ...(options.sectionLines ?? []),
      ...(sends && options.msid !== false
        ? [`a=msid:conformance ${media}`, `a=ssrc:${1_000 + index} cname:conformance`]
        : []),
    ];
  });
  return [
    'v=0',
    `o=- ${Date.now()} 2 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    ...(bundle && mid ? [`a=group:BUNDLE ${kinds.map((_, index) => index).join(' ')}`] : []),
    'a=ice-options:trickle ice2',
    'a=msid-semantic: WMS *',
    ...(options.sessionLines ?? []),
    ...sections,
    '',
  ].join('\r\n');
}

/** The body of a PATCH (RFC 8840). */
export function fragment(ice: {
  ufrag: string;
  pwd: string;
  mid?: string;
  lines?: readonly string[];
}): string {
  return [
    `a=ice-ufrag:${ice.ufrag}`,
    `a=ice-pwd:${ice.pwd}`,
    'm=audio 9 UDP/TLS/RTP/SAVPF 0',
    `a=mid:${ice.mid ?? '0'}`,
    ...(ice.lines ?? []),
    '',
  ].join('\r\n');
}
