import { isIP } from 'node:net';
import type { Context } from '../context.ts';
import { expect, NotApplicable } from '../requirement.ts';
import { acceptedOf, attributeOf, candidatesOf, newPwd, newUfrag, ownOffer } from '../sdp.ts';
import { type Check, checkOnce } from '../stun.ts';

/** Opens a session and sends its first reachable candidate a check, under another password or role where one is given. */
export async function checkServer(
  context: Context,
  { pwd, role = 'controlling' }: { pwd?: string; role?: Check['role'] },
): Promise<{ outcome: 'success' | number | null; where: string }> {
  const ownUfrag = newUfrag();
  const { answer } = await context.open(ownOffer(context.kind, { ufrag: ownUfrag, pwd: newPwd() }));
  const section = acceptedOf(answer)[0];
  expect(section, 'no section was accepted');
  const usable = candidatesOf(answer).filter(
    ({ transport, address }) => transport === 'udp' && isIP(address) !== 0 && !/^fe80/i.test(address),
  );
  if (usable.length === 0) throw new NotApplicable('no UDP candidate in the answer');
  const credentials = {
    ufrag: attributeOf(answer, section, 'ice-ufrag') ?? '',
    pwd: pwd ?? attributeOf(answer, section, 'ice-pwd') ?? '',
    ownUfrag,
    role,
  };
  let where = '';
  let outcome: 'success' | number | null = null;
  for (const { address, port } of usable.slice(0, 3)) {
    where = `${address}:${port}`;
    outcome = await checkOnce({ address, port, ...credentials });
    if (outcome !== null) break;
  }
  return { outcome, where };
}
