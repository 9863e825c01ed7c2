import type { LocalTransport } from '../engine.ts';
import type { OfferedSection, ViewerOffer } from './viewer-offer.ts';

/** What the answer says of our streams. */
export interface AnswerStreams {
  cname: string;
  videoSsrc: number;
  audioSsrc: number;
  repeatSsrc: number;
}

/**
 * Writes the answer (RFC 8829, 5.3): H.264 and Opus under the viewer's own payload types, sendonly, on one bundled
 * transport; every other section rejected with port 0. The same for every engine.
 */
export function writeAnswer(offer: ViewerOffer, local: LocalTransport, streams: AnswerStreams): string {
  const accepted = offer.sections.filter((section) => section.codec !== null);
  const lines = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'];
  if (local.iceLite) lines.push('a=ice-lite');
  if (offer.bundled) lines.push(`a=group:BUNDLE ${accepted.map((section) => section.mid).join(' ')}`);
  lines.push('a=msid-semantic:WMS *', 'a=ice-options:trickle');
  for (const section of offer.sections) {
    const written = section.codec
      ? acceptedSection(section, local, streams, {
          bundled: offer.bundled,
          carriesCandidates: section === accepted[0],
        })
      : rejectedSection(section, local);
    lines.push(...written);
    if (section.mid !== null) lines.push(`a=mid:${section.mid}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** With the transport all the same: aiortc takes no section without it, not even a rejected one. */
function rejectedSection({ kind, protocol, format }: OfferedSection, local: LocalTransport): string[] {
  return [`m=${kind} 0 ${protocol} ${format}`, 'c=IN IP4 0.0.0.0', ...transportLines(local), 'a=inactive'];
}

function transportLines({ iceUfrag, icePwd, fingerprint, setup }: LocalTransport): string[] {
  return [
    `a=ice-ufrag:${iceUfrag}`,
    `a=ice-pwd:${icePwd}`,
    `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
    `a=setup:${setup}`,
  ];
}

function acceptedSection(
  { kind, protocol, codec }: OfferedSection,
  local: LocalTransport,
  streams: AnswerStreams,
  { bundled, carriesCandidates }: { bundled: boolean; carriesCandidates: boolean },
): string[] {
  if (!codec) return [];
  const { payloadType, rtpmap, fmtp, feedback, repeatPayloadType, extensions } = codec;
  const { repeatSsrc } = streams;
  const ssrc = kind === 'video' ? streams.videoSsrc : streams.audioSsrc;
  const lines = [
    `m=${kind} 9 ${protocol} ${[payloadType, repeatPayloadType].filter((each) => each !== null).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    ...transportLines(local),
    'a=sendonly',
    'a=rtcp-mux',
    ...(bundled ? ['a=rtcp-mux-only'] : []), // WHEP, "SDP Bundle": in each bundled section
    ...extensions.map(({ id, uri }) => `a=extmap:${id} ${uri}`),
    `a=rtpmap:${payloadType} ${rtpmap}`,
    ...feedback.map((each) => `a=rtcp-fb:${payloadType} ${each}`),
    ...(fmtp ? [`a=fmtp:${payloadType} ${fmtp}`] : []),
    ...(repeatPayloadType === null ? [] : repeatLines(payloadType, repeatPayloadType, { ssrc, repeatSsrc })),
    'a=msid:onair', // WHEP, "Single MediaStream": the same value in all sections
    `a=ssrc:${ssrc} cname:${streams.cname}`,
    ...(repeatPayloadType === null ? [] : [`a=ssrc:${repeatSsrc} cname:${streams.cname}`]),
  ];
  if (carriesCandidates) {
    lines.push(...local.candidates.map((candidate) => `a=${candidate}`));
    if (local.complete) lines.push('a=end-of-candidates');
  }
  return lines;
}

/** RFC 4588, 8.6, and RFC 5576, 4.2: packets sent again are a stream of their own. */
const repeatLines = (
  payloadType: number,
  repeatPayloadType: number,
  { ssrc, repeatSsrc }: { ssrc: number; repeatSsrc: number },
): string[] => [
  `a=rtpmap:${repeatPayloadType} rtx/90000`,
  `a=fmtp:${repeatPayloadType} apt=${payloadType}`,
  `a=ssrc-group:FID ${ssrc} ${repeatSsrc}`,
];

/** Where a candidate that comes after the answer belongs: the first accepted section. */
export function candidateSection(offer: ViewerOffer): { sdpMid: string | null; sdpMLineIndex: number } {
  const index = offer.sections.findIndex((section) => section.codec !== null);
  return { sdpMid: offer.sections[index]?.mid ?? null, sdpMLineIndex: index };
}
