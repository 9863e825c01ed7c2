import { connectedThroughRelay } from './connected.ts';
import type { Context } from './context.ts';
import type { HttpAnswer } from './http-client.ts';
import { NotApplicable } from './requirement.ts';

/** What became of a session whose client fell silent. */
export interface Vanished {
  /** When its last packet of media or RTCP came, since then. */
  lastMs: number;
  /** What DELETE of it was answered then. */
  ended: HttpAnswer;
}

/** 30 s from the last answer; the rest is for servers that look every few seconds, and for busy machines. */
const deadlineMs = 43_000;
const quietMs = 4_000;

/** Cuts the way from a connected client to the server, and watches until the server stops sending: once for a whole run. */
export function vanished(context: Context): Promise<Vanished> {
  return context.once('vanished', async () => {
    const { peer, relay, session } = await connectedThroughRelay(context);
    const sends = await peer.until(() => peer.rtp.length + peer.rtcp.length > 0, 6_000);
    if (!sends) throw new NotApplicable('it sends neither media nor RTCP to the client');
    let lastMs = 0;
    relay.loses = ({ from }) => from === 'client';
    const sinceMs = performance.now();
    relay.seen = ({ bytes, from }) => {
      if (from === 'server' && (bytes[0] ?? 0) >= 128) lastMs = performance.now() - sinceMs;
    };
    // A server that only answers media with RTCP is silent at once, and yet has to be given its 30 s.
    const leastMs = context.kind === 'whep' ? 0 : 32_000;
    const isOver = (): boolean => {
      const nowMs = performance.now() - sinceMs;
      return nowMs > deadlineMs || (nowMs > leastMs && nowMs - lastMs > quietMs);
    };
    while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 250));
    return { lastMs, ended: await session.end() };
  });
}
