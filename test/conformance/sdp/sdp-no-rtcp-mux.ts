import { describe } from '../context.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, parseSdp, valuesOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-no-rtcp-mux',
  group: 'sdp',
  kinds: both,
  section: 'RFC 8035, 3.1',
  level: 'MUST',
  requirement: 'A section that is offered without rtcp-mux is refused, or answered without it.',
  async check(context) {
    const offer = ownOffer(context.kind, { kinds: ['video'] }).replace(/a=rtcp-mux(-only)?\r\n/g, '');
    const created = await context.post(offer);
    if (created.status >= 400 && created.status < 500) return `refused: ${created.status}`;
    if (created.status !== 201) throw new NotApplicable(describe(created));
    const muxed = acceptedOf(parseSdp(created.text)).some(
      ({ lines }) => valuesOf(lines, 'rtcp-mux').length > 0,
    );
    expect(!muxed, 'a=rtcp-mux in an answer to an offer that has none');
    return '201 without rtcp-mux, or with the section rejected';
  },
};
