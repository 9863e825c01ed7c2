import { connectedThroughRelay } from '../connected.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'ice-consent-expiry',
  group: 'ice',
  kinds: both,
  section: 'RFC 7675, 5.1',
  level: 'MUST',
  requirement: 'A server stops sending within 30 s to a client that no longer answers its checks.',
  async check(context) {
    const { peer, relay } = await connectedThroughRelay(context);
    const sends = await peer.until(() => peer.rtp.length > 0, 6_000);
    if (context.kind === 'whip' || !sends) throw new NotApplicable('it sends no media to the client');
    let lastMs = 0;
    relay.loses = ({ from }) => from === 'client';
    const sinceMs = performance.now();
    relay.seen = ({ bytes, from }) => {
      if (from === 'server' && (bytes[0] ?? 0) >= 128) lastMs = performance.now() - sinceMs;
    };
    // 30 s from the last answer; the rest is for servers that look every few seconds, and for busy machines.
    const deadlineMs = 43_000;
    while (performance.now() - sinceMs < deadlineMs && performance.now() - sinceMs - lastMs < 4_000)
      await new Promise((resolve) => setTimeout(resolve, 250));
    expect(lastMs < 40_000, `still sending after ${(lastMs / 1_000).toFixed(1)} s`);
    return `the last packet came after ${(lastMs / 1_000).toFixed(1)} s`;
  },
};
