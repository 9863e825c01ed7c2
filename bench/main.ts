// make bench: measures what Onair promises. ARGS="--quick" for a look, ARGS="--only join,delay" for some of it.
import { parseArgs } from 'node:util';
import { launchBrowser } from '../test/support/browser.ts';
import { measureConsole } from './console.ts';
import { measureFanOut } from './fan-out.ts';
import { measureHostile } from './hostile.ts';
import { measureLighthouse } from './lighthouse.ts';
import { measureOutputs } from './outputs.ts';
import { measurePage } from './page.ts';
import { measurePanel } from './panel.ts';
import { measurePeers } from './peers.ts';
import { Report } from './report.ts';
import {
  type Bench,
  measureChurn,
  measureDelay,
  measureEgress,
  measureJoins,
  measureLive,
  measureMemory,
  measureRecovery,
} from './sections.ts';
import { measureSources } from './sources.ts';

import { measureTls } from './tls.ts';

const sections: Record<string, (bench: Bench) => Promise<void>> = {
  live: measureLive,
  panel: measurePanel,
  console: measureConsole,
  join: measureJoins,
  delay: measureDelay,
  egress: measureEgress,
  memory: measureMemory,
  churn: measureChurn,
  recovery: measureRecovery,
  outputs: measureOutputs,
  sources: measureSources,
  peers: measurePeers,
  'fan-out': measureFanOut,
  hostile: measureHostile,
  page: measurePage,
  lighthouse: measureLighthouse,
  tls: measureTls,
};

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
const chosen = values.only?.split(',') ?? Object.keys(sections);
const unknown = chosen.filter((name) => !(name in sections));
if (unknown.length > 0) {
  console.error(
    `There is no section ${unknown.join(', ')}: choose from ${Object.keys(sections).join(', ')}.`,
  );
  process.exit(2);
}

const report = new Report({ commandLine: ['make bench', ...process.argv.slice(2)].join(' ') });
const browser = await launchBrowser();
let failed = false;
for (const name of chosen) {
  try {
    await sections[name]?.({ report, browser, quick: values.quick === true });
  } catch (error) {
    failed = true;
    console.error(`${name}: could not be measured: ${error instanceof Error ? error.stack : error}`);
  }
}
await browser.close();
console.log(`\n${report.table}\n\nJSON: ${report.save('bench/results')}`);
process.exit(failed ? 1 : 0);
