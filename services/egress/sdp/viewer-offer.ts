import type { Fingerprint, RemoteTransport } from '../engine.ts';
import { usableCandidate } from './candidate.ts';
import {
  type ChosenCodec,
  chooseH264,
  chooseOpus,
  offeredNames,
  type SenderFeatures,
  wantsToReceive,
} from './codec-choice.ts';
import { OfferError } from './offer-error.ts';
import {
  type Attribute,
  attribute,
  type MediaSection,
  type SessionDescription,
  splitDescription,
} from './session-description.ts';

/** One section of the offer and what becomes of it: `codec` null is "rejected". */
export interface OfferedSection {
  kind: string;
  protocol: string;
  /** The first format, which a rejecting answer repeats. */
  format: string;
  mid: string | null;
  codec: ChosenCodec | null;
}

/** All that we take from a viewer's offer, checked. */
export interface ViewerOffer {
  sections: OfferedSection[];
  video: ChosenCodec;
  audio: ChosenCodec | null;
  /** The offer bundles its sections (RFC 9143). */
  bundled: boolean;
  transport: RemoteTransport;
}

const plainSender: SenderFeatures = { congestionControl: false };

/** Two transports' worth of addresses; more only costs checks. */
const maxCandidates = 40;
const mediaProtocol = /^(UDP\/TLS\/RTP\/SAVPF?|RTP\/SAVPF?)$/;
const fingerprintBytes: Record<string, number> = {
  'sha-1': 20,
  'sha-224': 28,
  'sha-256': 32,
  'sha-384': 48,
  'sha-512': 64,
};

/**
 * Reads a viewer's offer: one H.264 picture it wants to receive, the Opus sound bundled with it if there is one, and
 * the transport of the picture. Every other section (data channels, further pictures) will be rejected in the answer.
 * @throws OfferError with a sentence that says what is missing
 */
export function readOffer(sdp: string, features: SenderFeatures = plainSender): ViewerOffer {
  const description = splitDescription(sdp);
  const videoSections = description.media.filter((section) => section.kind === 'video');
  if (videoSections.length === 0)
    throw new OfferError('The offer has no video section; this box sends video, with sound beside it.');
  const video = chooseVideo(videoSections, features);
  const bundle = bundleGroup(description, video.section);
  const audio = chooseAudio(description, bundle, features);
  requireRtcpMux(description, video.section, bundle);
  const transport = readTransport(description, video.section);
  const chosen = new Map([
    [video.section, video.codec],
    ...(audio ? [[audio.section, audio.codec] as const] : []),
  ]);
  return {
    sections: description.media.map((section) => ({
      kind: section.kind,
      protocol: section.protocol,
      format: section.formats[0] ?? '0',
      mid: mid(section),
      codec: chosen.get(section) ?? null,
    })),
    video: video.codec,
    audio: audio?.codec ?? null,
    bundled: bundle.length > 0,
    transport,
  };
}

function chooseVideo(
  sections: MediaSection[],
  features: SenderFeatures,
): { section: MediaSection; codec: ChosenCodec } {
  const wanted = sections.filter(
    (section) => mediaProtocol.test(section.protocol) && wantsToReceive(section),
  );
  if (wanted.length === 0)
    throw new OfferError(
      'The offer does not ask to receive video: its video section must be recvonly or sendrecv, over DTLS-SRTP.',
    );
  for (const section of wanted) {
    const codec = chooseH264(section, features);
    if (codec) return { section, codec };
  }
  const names = wanted.map(offeredNames).filter(Boolean).join(', ') || 'nothing';
  throw new OfferError(
    `The offer has no H.264 video with packetization-mode=1, the only one this box sends; it offers ${names}.`,
  );
}

function chooseAudio(
  description: SessionDescription,
  bundle: string[],
  features: SenderFeatures,
): { section: MediaSection; codec: ChosenCodec } | null {
  for (const section of description.media) {
    if (section.kind !== 'audio' || !mediaProtocol.test(section.protocol) || !wantsToReceive(section))
      continue;
    // There is one transport: sound that isn't bundled with the picture would need another.
    if (!bundle.includes(mid(section) ?? '')) continue;
    const codec = chooseOpus(section, features);
    if (codec) return { section, codec };
  }
  return null;
}

/** The mids bundled with the video section; empty without bundling. */
function bundleGroup(description: SessionDescription, video: MediaSection): string[] {
  const own = mid(video);
  for (const { name, value } of description.attributes) {
    const mids = value.split(' ');
    if (name === 'group' && mids[0] === 'BUNDLE' && own !== null && mids.includes(own)) return mids.slice(1);
  }
  return [];
}

/**
 * An answer may have rtcp-mux only where the offer has it (RFC 8035, 3.1), and RTCP has no port of its own here. In a
 * bundle one section may say so for those that are bundle-only, as in RFC 9725's own example.
 */
function requireRtcpMux(description: SessionDescription, video: MediaSection, bundle: string[]): void {
  const sections = [video, ...description.media.filter((section) => bundle.includes(mid(section) ?? ''))];
  if (sections.some(({ attributes }) => attribute(attributes, 'rtcp-mux') !== null)) return;
  throw new OfferError('The offer has no a=rtcp-mux: this box sends RTP and RTCP over one port.');
}

function mid(section: MediaSection): string | null {
  const value = attribute(section.attributes, 'mid')?.trim() ?? null;
  return value !== null && /^[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}$/.test(value) ? value : null;
}

function readTransport(description: SessionDescription, video: MediaSection): RemoteTransport {
  // Attributes of the section count first, then those of the session. In a bundle they may stand in its first
  // section only (RFC 9143, 7.1.3).
  const sections = [
    video.attributes,
    description.attributes,
    ...description.media.map((each) => each.attributes),
  ];
  const find = (name: string): string | null => firstOf(sections, name);
  const iceUfrag = find('ice-ufrag') ?? '';
  const icePwd = find('ice-pwd') ?? '';
  if (!/^[A-Za-z0-9+/]{4,256}$/.test(iceUfrag) || !/^[A-Za-z0-9+/]{22,256}$/.test(icePwd))
    throw new OfferError('The offer has no valid ICE credentials (a=ice-ufrag, a=ice-pwd).');
  return {
    iceUfrag,
    icePwd,
    fingerprint: readFingerprint(find('fingerprint')),
    setup: readSetup(find('setup')),
    candidates: readCandidates(video),
  };
}

function firstOf(sections: Attribute[][], name: string): string | null {
  for (const attributes of sections) {
    const value = attribute(attributes, name);
    if (value !== null) return value.trim();
  }
  return null;
}

function readFingerprint(text: string | null): Fingerprint {
  const [algorithm = '', value = ''] = (text ?? '').toLowerCase().split(' ');
  const bytes = fingerprintBytes[algorithm];
  if (bytes === undefined || !/^[0-9a-f]{2}(:[0-9a-f]{2})*$/.test(value) || value.length !== bytes * 3 - 1)
    throw new OfferError('The offer has no valid DTLS fingerprint (a=fingerprint:sha-256 …).');
  return { algorithm, value: value.toUpperCase() };
}

function readSetup(text: string | null): RemoteTransport['setup'] {
  if (text === null || text === 'actpass') return 'actpass';
  if (text === 'active' || text === 'passive') return text;
  throw new OfferError('The offer has no valid DTLS role (a=setup:actpass, active or passive).');
}

function readCandidates(video: MediaSection): string[] {
  const candidates: string[] = [];
  for (const { name, value } of video.attributes) {
    if (name !== 'candidate' || candidates.length === maxCandidates) continue;
    const candidate = usableCandidate(`candidate:${value}`);
    if (candidate) candidates.push(candidate);
  }
  return candidates;
}
