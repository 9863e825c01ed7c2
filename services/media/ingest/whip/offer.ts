import type { PacketTrack, PictureCodec, SoundCodec } from '../stream-protocol.ts';

/** Why an offer gets no answer. */
export class OfferRefusal extends Error {
  readonly refusal: 'malformed' | 'no-codec';

  constructor(refusal: OfferRefusal['refusal']) {
    super(refusal);
    this.refusal = refusal;
  }
}

/** An offer of which one codec a section is left, so that what comes is what was chosen. */
export interface ReducedOffer {
  sdp: string;
  tracks: PacketTrack[];
  /** Sections that are not wanted, such as data channels: their place in the offer, and lines of the answer. */
  rejected: { index: number; head: string; mid: string }[];
}

interface Format {
  payloadType: number;
  name: string;
  parameters: string;
}

/**
 * Chooses the codec of each section: H.264 before VP8, since every board decodes it with less, and Opus. Layers
 * (simulcast) and packets for repair are left out: one stream comes, and lost packets are sent again as they were.
 * @throws OfferRefusal
 */
export function reduceOffer(offer: string): ReducedOffer {
  const [session = '', ...sections] = offer.split(/^(?=m=)/m);
  if (!session.startsWith('v=0') || !/^a=ice-ufrag:\S/m.test(offer) || !/^a=fingerprint:\S/m.test(offer))
    throw new OfferRefusal('malformed');
  // An answer may have rtcp-mux only where the offer has it (RFC 8035, 3.1), and RTCP has no port of its own here.
  if (!/^a=rtcp-mux\s*$/m.test(offer)) throw new OfferRefusal('malformed');
  const tracks: PacketTrack[] = [];
  const rejected: ReducedOffer['rejected'] = [];
  const kept = sections.map((section, index) => {
    if (!isMedia(section) || isWithdrawn(section)) {
      rejected.push({ index, ...rejectionOf(section) });
      return '';
    }
    const track = trackOf(section);
    // Accept all of an offer or none: the publisher would believe that all of it arrives (RFC 9725, 4.4.2 and 4.4.3).
    if (!track || tracks.some(({ media }) => media === track.media)) throw new OfferRefusal('no-codec');
    tracks.push(track);
    return keepOnly(section, track.payloadType);
  });
  if (!tracks.some(({ media }) => media === 'video')) throw new OfferRefusal('no-codec');
  return { sdp: [withoutBundled(session, rejected), ...kept].join(''), tracks, rejected };
}

const isMedia = (section: string): boolean => /^m=(video|audio) /.test(section);

/** The offer itself takes it back (RFC 3264, 6); port 0 is also what bundle-only sections have (RFC 9143, 6). */
const isWithdrawn = (section: string): boolean =>
  /^m=\S+ 0 /.test(section) && !/^a=bundle-only\s*$/m.test(section);

/** Its port is 0 in the answer (RFC 3264, 6). @throws OfferRefusal */
function rejectionOf(section: string): { head: string; mid: string } {
  const head = /^(m=\w+) \d+ (\S+ .*?)\r?\n/.exec(section);
  if (!head) throw new OfferRefusal('malformed');
  const mid = midOf(section);
  return { head: `${head[1]} 0 ${head[2]}\r\n`, mid: mid === null ? '' : `a=mid:${mid}\r\n` };
}

const midOf = (text: string): string | null => /^a=mid:(\S+)/m.exec(text)?.[1] ?? null;

function withoutBundled(session: string, rejected: ReducedOffer['rejected']): string {
  const gone = new Set(rejected.map(({ mid }) => midOf(mid)));
  return session.replace(/^a=group:.*?(?=\r?$)/gm, (group) =>
    group
      .split(' ')
      .filter((mid) => !gone.has(mid))
      .join(' '),
  );
}

/** Null where no codec of it is taken. @throws OfferRefusal */
function trackOf(section: string): PacketTrack | null {
  const media = section.startsWith('m=video ') ? 'video' : 'audio';
  if (/^a=(recvonly|inactive)\s*$/m.test(section)) throw new OfferRefusal('malformed');
  const formats = formatsOf(section);
  const chosen = media === 'video' ? chooseVideo(formats) : choose(formats, 'OPUS/48000');
  return chosen && { media, ...chosen };
}

function formatsOf(section: string): Format[] {
  const [, listed = ''] = /^m=\S+ \S+ \S+ (.*?)\s*$/m.exec(section) ?? [];
  return listed.split(' ').flatMap((text) => {
    if (!/^\d{1,3}$/.test(text)) return [];
    const name = new RegExp(`^a=rtpmap:${text} (\\S+)`, 'm').exec(section)?.[1];
    const parameters = new RegExp(`^a=fmtp:${text} (.*?)\\s*$`, 'm').exec(section)?.[1] ?? '';
    return name ? [{ payloadType: Number(text), name: name.toUpperCase(), parameters }] : [];
  });
}

type Chosen = Omit<PacketTrack, 'media'>;
const codecNames: Readonly<Record<string, PictureCodec | SoundCodec>> = {
  'H264/90000': 'h264',
  'VP8/90000': 'vp8',
  'OPUS/48000': 'opus',
};

function choose(formats: readonly Format[], name: string): Chosen | null {
  const format = formats.find((each) => each.name.startsWith(name));
  const codec = codecNames[name];
  if (!format || !codec) return null;
  const parameterSets = /(?:^|;)\s*sprop-parameter-sets=([\w+/=,]+)/i.exec(format.parameters)?.[1];
  const more = codec === 'h264' && parameterSets ? { parameterSets } : {};
  return { codec, payloadType: format.payloadType, ...more };
}

function chooseVideo(formats: readonly Format[]): Chosen | null {
  // Larger pictures than one packet holds need mode 1 (RFC 6184, 6.2); baseline is what browsers encode best.
  const whole = formats.filter(({ parameters }) => /packetization-mode=1/i.test(parameters));
  const baseline = whole.filter(({ parameters }) => /profile-level-id=42/i.test(parameters));
  return choose([...baseline, ...whole], 'H264/90000') ?? choose(formats, 'VP8/90000');
}

/** Of this section, without the other formats, without layers, and with each header extension once. */
function keepOnly(section: string, payloadType: number): string {
  const extensions = new Set<string>();
  return section
    .split(/(?<=\n)/)
    .filter((line) => {
      const extension = /^a=extmap:\S+ (\S+)/.exec(line)?.[1];
      if (extension !== undefined) {
        const isFirst = !extensions.has(extension);
        extensions.add(extension);
        return isFirst;
      }
      const of = /^a=(?:rtpmap|fmtp|rtcp-fb):(\S+)/.exec(line)?.[1];
      if (of !== undefined) return of === '*' || of === String(payloadType);
      return !/^a=(?:rid|simulcast|ssrc-group):/.test(line);
    })
    .join('')
    .replace(/^(m=\S+ \S+ \S+) .*?(\r?\n|$)/, `$1 ${payloadType}$2`);
}
