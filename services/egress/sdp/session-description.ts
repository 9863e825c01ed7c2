import { OfferError } from './offer-error.ts';

/** One `m=` section, split but not yet judged. */
export interface MediaSection {
  /** "video", "audio", "application", … */
  kind: string;
  protocol: string;
  port: number;
  /** Payload types, or whatever the protocol has there. */
  formats: string[];
  attributes: Attribute[];
}

export interface Attribute {
  name: string;
  /** Text after the colon; empty for a flag. */
  value: string;
}

export interface SessionDescription {
  attributes: Attribute[];
  media: MediaSection[];
}

/** A browser's offer for one picture and one sound has about 200 lines; one with 20 sections is not a viewer's. */
const maxLines = 2_000;
const maxLineLength = 2_048;
const maxSections = 20;

const mediaLine = /^([a-z]{1,16}) (\d{1,5})(?:\/\d{1,3})? ([A-Za-z/]{1,32})((?: [A-Za-z0-9-]{1,32}){1,128})$/;
const attributeLine = /^([A-Za-z0-9_-]{1,64})(?::(.*))?$/;

/**
 * Splits an SDP (RFC 8866) into sections and attributes, within bounds; lines that no WebRTC answer depends on are
 * passed over.
 * @throws OfferError
 */
export function splitDescription(text: string): SessionDescription {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines[0] !== 'v=0') throw new OfferError('The offer is not an SDP: its first line is not "v=0".');
  if (lines.length > maxLines) throw new OfferError(`The offer has more than ${maxLines} lines.`);
  const description: SessionDescription = { attributes: [], media: [] };
  let attributes = description.attributes;
  for (const line of lines) {
    if (line.length > maxLineLength)
      throw new OfferError(`The offer has a line longer than ${maxLineLength} characters.`);
    if (line.startsWith('m=')) {
      if (description.media.length === maxSections)
        throw new OfferError(`The offer has more than ${maxSections} media sections.`);
      const section = readMediaLine(line);
      description.media.push(section);
      attributes = section.attributes;
    } else if (line.startsWith('a=')) {
      const match = attributeLine.exec(line.slice(2));
      if (match) attributes.push({ name: match[1] ?? '', value: match[2] ?? '' });
    }
  }
  return description;
}

function readMediaLine(line: string): MediaSection {
  const match = mediaLine.exec(line.slice(2).trimEnd());
  if (!match) throw new OfferError(`The offer has a broken media line: "${printable(line)}".`);
  const [, kind = '', port, protocol = '', formats = ''] = match;
  return { kind, port: Number(port), protocol, formats: formats.trim().split(' '), attributes: [] };
}

/** The first attribute of this name, or null. */
export function attribute(attributes: Attribute[], name: string): string | null {
  return attributes.find((each) => each.name === name)?.value ?? null;
}

/** What a stranger wrote, short and harmless enough for a message. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60);
}
