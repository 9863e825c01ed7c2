import type { ReducedOffer } from './offer.ts';

/**
 * What werift leaves out of an answer: rtcp-mux-only (RFC 9725, 4.4.1), ice-lite where RFC 8839, 5.3 has it, and sections
 * that are rejected; and what it says unasked: extmap-allow-mixed (RFC 8285, 6).
 */
export function completeAnswer(answer: string, { rejected }: Pick<ReducedOffer, 'rejected'>): string {
  const [session = '', ...sections] = answer
    .replace(/a=(?:ice-lite|extmap-allow-mixed)\r\n/g, '')
    .replace(/a=rtcp-mux\r\n/g, 'a=rtcp-mux\r\na=rtcp-mux-only\r\n')
    .split(/^(?=m=)/m);
  // aiortc takes no answer whose rejected sections have no transport.
  const transport = (sections[0] ?? '').match(/^a=(?:ice-ufrag|ice-pwd|fingerprint|setup):.*\r\n/gm) ?? [];
  for (const { index, head, mid } of rejected)
    sections.splice(index, 0, [head, 'c=IN IP4 0.0.0.0\r\n', mid, ...transport].join(''));
  return [session, 'a=ice-lite\r\n', ...sections].join('');
}
