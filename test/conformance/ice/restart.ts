import { datachannelPeer } from '../clients/datachannel-peer.ts';
import type { Peer } from '../clients/peer.ts';
import { connected } from '../connected.ts';
import { type Context, fragmentType, type Session } from '../context.ts';
import type { HttpAnswer } from '../http-client.ts';
import { NotApplicable } from '../requirement.ts';
import { fragment, newPwd, newUfrag } from '../sdp.ts';

/** A session that is connected, and is asked for an ICE restart then (RFC 9725, 4.3.3). */
export interface Restarted {
  session: Session;
  peer: Peer;
  answer: HttpAnswer;
  /** The client's new ones. */
  ice: { ufrag: string; pwd: string };
}

/** @param before waits for what has to be there before the restart. @throws NotApplicable where the server does none */
export async function restarted(
  context: Context,
  before: (peer: Peer) => Promise<void> = async () => {},
): Promise<Restarted> {
  const { session, peer } = await connected(context, datachannelPeer);
  await before(peer);
  const ice = { ufrag: newUfrag(), pwd: newPwd() };
  const answer = await session.patch(fragment(ice), { 'content-type': fragmentType, 'if-match': '*' });
  if (answer.status !== 200) throw new NotApplicable(`no restart: ${answer.status}`);
  return { session, peer, answer, ice };
}
