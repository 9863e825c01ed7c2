import { expect, type Requirement } from '../requirement.ts';
import { readRtp } from '../rtp.ts';
import { restarted } from './restart.ts';

const packets = 20;

export const requirement: Requirement = {
  id: 'ice-restart-keeps-media',
  group: 'ice',
  kinds: ['whep'],
  section: 'RFC 8445, 9',
  level: 'SHOULD',
  requirement:
    'Media go on over the former path, under the same SSRCs, until an ICE restart has found another one.',
  async check(context) {
    const { peer } = await restarted(context, async (viewer) => {
      const flows = await viewer.until(() => viewer.rtp.length >= packets, 8_000);
      expect(flows, 'no media before the restart');
    });
    const before = peer.rtp.length;
    const goOn = await peer.until(() => peer.rtp.length >= before + packets, 4_000);
    expect(goOn, `${peer.rtp.length - before} packets in 4 s after the restart`);
    const byType = new Map<number, number>();
    for (const { payloadType, ssrc } of peer.rtp.map(readRtp)) {
      const known = byType.get(payloadType) ?? ssrc;
      expect(known === ssrc, `payload type ${payloadType} had SSRC ${known} and has ${ssrc}`);
      byType.set(payloadType, ssrc);
    }
    return `${peer.rtp.length - before} packets after the restart, SSRCs ${[...byType.values()].join(' ')}`;
  },
};
