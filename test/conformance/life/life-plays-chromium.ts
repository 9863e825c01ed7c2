import { watchWithChromium } from '../clients/chromium-client.ts';
import { both, type Requirement } from '../requirement.ts';
import { judge } from './plays-program.ts';

export const requirement: Requirement = {
  id: 'life-plays-chromium',
  group: 'life',
  kinds: both,
  section: { whep: '3.1', whip: '3' },
  level: 'SHOULD',
  requirement: 'Chromium is served: the transport comes up and media flow.',
  async check(context) {
    const { url, kind, http } = context;
    const report = await watchWithChromium({ url, kind, http, timeoutMs: 12_000 });
    return judge(report, kind);
  },
};
