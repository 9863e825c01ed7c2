import type { LocalTransport } from '../engine.ts';
import type { OfferedSection, ViewerOffer } from './viewer-offer.ts';

/** What the answer says of our streams. */
export interface AnswerStreams {
  cname: string;
  videoSsrc: number;
  audioSsrc: number;
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
      ? acceptedSection(section, local, streams, section === accepted[0])
      : [`m=${section.kind} 0 ${section.protocol} ${section.format}`, 'c=IN IP4 0.0.0.0', 'a=inactive'];
    lines.push(...written);
    if (section.mid !== null) lines.push(`a=mid:${section.mid}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

function acceptedSection(
  { kind, protocol, codec }: OfferedSection,
  local: LocalTransport,
  streams: AnswerStreams,
  carriesCandidates: boolean,
): string[] {
  if (!codec) return [];
  const { payloadType, rtpmap, fmtp, feedback } = codec;
  const ssrc = kind === 'video' ? streams.videoSsrc : streams.audioSsrc;
  const lines = [
    `m=${kind} 9 ${protocol} ${payloadType}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=ice-ufrag:${local.iceUfrag}`,
    `a=ice-pwd:${local.icePwd}`,
    `a=fingerprint:${local.fingerprint.algorithm} ${local.fingerprint.value}`,
    `a=setup:${local.setup}`,
    'a=sendonly',
    'a=rtcp-mux',
    `a=rtpmap:${payloadType} ${rtpmap}`,
    ...feedback.map((each) => `a=rtcp-fb:${payloadType} ${each}`),
    ...(fmtp ? [`a=fmtp:${payloadType} ${fmtp}`] : []),
    `a=msid:onair onair-${kind}`,
    `a=ssrc:${ssrc} cname:${streams.cname}`,
  ];
  if (carriesCandidates) {
    lines.push(...local.candidates.map((candidate) => `a=${candidate}`));
    if (local.complete) lines.push('a=end-of-candidates');
  }
  return lines;
}

/** Where a candidate that comes after the answer belongs: the first accepted section. */
export function candidateSection(offer: ViewerOffer): { sdpMid: string | null; sdpMLineIndex: number } {
  const index = offer.sections.findIndex((section) => section.codec !== null);
  return { sdpMid: offer.sections[index]?.mid ?? null, sdpMLineIndex: index };
}
