import { CheckListener, type HeardCheck } from '../check-listener.ts';
import type { Context, Session } from '../context.ts';
import { expect, NotApplicable } from '../requirement.ts';
import { newPwd, newUfrag, ownOffer } from '../sdp.ts';

const timeoutMs = 6_000;

/**
 * Names a socket of ours to the server, and waits for a check of its own.
 * @param how in the offer, or by PATCH after an offer without candidates
 * @throws NotApplicable for ICE lite, whose agents send none (RFC 8445, 2.5)
 */
export async function hearCheck(
  context: Context,
  how: 'offered' | 'trickled',
): Promise<{ check: HeardCheck; session: Session }> {
  const ice = { ufrag: newUfrag(), pwd: newPwd() };
  const listener = await CheckListener.start(ice);
  context.after(() => listener.close());
  const sectionLines = how === 'offered' ? [...listener.candidates, 'a=end-of-candidates'] : [];
  const session = await context.open(ownOffer(context.kind, { ...ice, kinds: ['video'], sectionLines }));
  if (session.answer.lines.includes('a=ice-lite')) throw new NotApplicable('ICE lite: it sends no checks');
  if (how === 'trickled') await session.trickle(ice, listener.candidates);
  const check = await listener.first(timeoutMs);
  expect(
    check,
    `no check in ${timeoutMs / 1_000} s at ${listener.candidates.length} addresses of this machine`,
  );
  return { check, session };
}
