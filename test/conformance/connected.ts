import { isIPv4 } from 'node:net';
import { datachannelPeer } from './clients/datachannel-peer.ts';
import type { Peer, PeerMaker } from './clients/peer.ts';
import type { Context, Session } from './context.ts';
import { Relay, type RelayedPacket } from './relay.ts';
import { expect, NotApplicable } from './requirement.ts';
import { candidatesOf } from './sdp.ts';

const connectTimeoutMs = 15_000;

/** Starts a client for this check. @throws NotApplicable where this machine has it not */
export async function startPeer(context: Context, make: PeerMaker): Promise<Peer> {
  const peer = await make(context.kind);
  if (peer === null) throw new NotApplicable('this machine has not that client');
  context.after(() => peer.close());
  return peer;
}

/** A session whose transport is up. @throws Failed */
export async function connected(
  context: Context,
  make: PeerMaker,
  { trickle = false } = {},
): Promise<{ peer: Peer; session: Session }> {
  const peer = await startPeer(context, make);
  const session = await context.open(await peer.offer({ trickle }));
  await peer.accept(session.answerText);
  const up = await peer.until(() => peer.state === 'connected', connectTimeoutMs);
  expect(up, `${peer.make}: ${peer.state} after ${connectTimeoutMs / 1_000} s`);
  return { peer, session };
}

/** The same, with every packet passing a relay of ours. */
export async function connectedThroughRelay(
  context: Context,
  {
    loses,
    make = datachannelPeer,
    timeoutMs = connectTimeoutMs,
  }: { loses?: (packet: RelayedPacket) => boolean; make?: PeerMaker; timeoutMs?: number } = {},
): Promise<{ peer: Peer; session: Session; relay: Relay }> {
  const peer = await startPeer(context, make);
  // Without candidates the server finds the client through the relay alone.
  const session = await context.open(await peer.offer({ trickle: true }));
  const candidate = candidatesOf(session.answer).find(
    ({ transport, address }) => transport === 'udp' && isIPv4(address),
  );
  if (candidate === undefined) throw new NotApplicable('no IPv4 candidate over UDP in the answer');
  const relay = await Relay.start(candidate);
  context.after(() => relay.close());
  if (loses) relay.loses = loses;
  await peer.accept(relay.through(session.answerText));
  const up = await peer.until(() => peer.state === 'connected', timeoutMs);
  expect(up, `${peer.make}: ${peer.state} after ${timeoutMs / 1_000} s`);
  return { peer, session, relay };
}

/** A viewer to whom so many packets have come. @throws Failed */
export async function receiving(
  context: Context,
  packets = 1,
): Promise<{ peer: Peer; session: Session; tookMs: number }> {
  const { peer, session } = await connected(context, datachannelPeer);
  const sinceMs = performance.now();
  const came = await peer.until(() => peer.rtp.length >= packets, 8_000);
  expect(came, `${peer.rtp.length} packets in 8 s`);
  return { peer, session, tookMs: Math.round(performance.now() - sinceMs) };
}
