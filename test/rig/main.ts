// make rig: measures a real board over its USB line and the network, and writes one JSON file of it (docs/testing.md).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../support/browser.ts';
import { measureAudience } from './audience.ts';
import { measureGlass } from './glass.ts';
import { measureJoins } from './joins.ts';
import { measureLongRun } from './long-run.ts';
import { measurePresses } from './presses.ts';
import type { Rig } from './rig.ts';
import { type BoxStatus, SerialLine } from './serial-line.ts';

const sections = {
  presses: measurePresses,
  joins: measureJoins,
  glass: measureGlass,
  audience: measureAudience,
  'long-run': measureLongRun,
} satisfies Record<string, (rig: Rig) => Promise<object>>;
type Section = keyof typeof sections;

const usage = `make rig BOARD=pi-4 SERIAL=/dev/ttyACM0 [ORIGIN=http://onair.local] [MINUTES=30] [ONLY=presses,joins,glass,audience,long-run]`;

const { values } = parseArgs({
  options: {
    board: { type: 'string', default: '' },
    serial: { type: 'string', default: '' },
    origin: { type: 'string', default: '' },
    minutes: { type: 'string', default: '30' },
    only: { type: 'string', default: '' },
    folder: { type: 'string', default: 'test/rig/results' },
  },
});
const chosen = (values.only ? values.only.split(',') : Object.keys(sections)) as Section[];
const minutes = Number(values.minutes);
if (
  !/^[a-z0-9-]+$/.test(values.board) ||
  !values.serial ||
  !(minutes > 0) ||
  chosen.some((name) => !(name in sections))
) {
  console.error(`Usage: ${usage}`);
  process.exit(2);
}

const line = await SerialLine.open(values.serial).catch((error: Error) => {
  console.error(
    `The serial line can't be opened: ${error.message}. Plug in the box's USB cable, and look which port came.`,
  );
  process.exit(1);
});
const { device, ports } = await line.call<BoxStatus>('status');
const origin =
  values.origin || `http://${device.address ?? 'onair.local'}${ports.http === 80 ? '' : `:${ports.http}`}`;
console.log(`${device.name}, Onair ${device.version}, at ${origin}`);

const browser = await launchBrowser({ headless: !chosen.includes('glass') || !process.stdout.isTTY });
const result: Record<string, unknown> = {
  board: values.board,
  version: device.version,
  measuredAt: new Date().toISOString(),
};
let failed = false;
for (const name of chosen) {
  console.log(`\n${name}`);
  try {
    const figures = await sections[name]({ line, browser, origin, minutes });
    result[name] = figures;
    for (const [figure, value] of Object.entries(figures))
      console.log(`  ${figure}: ${JSON.stringify(value)}`);
  } catch (error) {
    failed = true;
    result[name] = null;
    console.error(`  not measured: ${(error as Error).message}`);
  }
}
await line.call('stop').catch(() => {}); // nothing was on the air
line.close();
await browser.close();
mkdirSync(values.folder, { recursive: true });
const path = join(values.folder, `${values.board}.json`);
writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
console.log(`\n${path}`);
process.exit(failed ? 1 : 0);
