import { both, expect, type Requirement } from '../requirement.ts';
import { vanished } from '../vanished.ts';

export const requirement: Requirement = {
  id: 'ice-consent-expiry',
  group: 'ice',
  kinds: both,
  section: 'RFC 7675, 5.1',
  level: 'MUST',
  requirement: 'A server stops sending within 30 s to a client that no longer answers its checks.',
  async check(context) {
    const { lastMs } = await vanished(context);
    expect(lastMs < 40_000, `still sending after ${(lastMs / 1_000).toFixed(1)} s`);
    return `the last packet came after ${(lastMs / 1_000).toFixed(1)} s`;
  },
};
