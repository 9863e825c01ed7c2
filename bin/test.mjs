// Runs the tests: types, lint, and test/ with tap. Its last line is "N passed, N failed".
//   node bin/test.mjs [FILE...]                only these test files
//   node bin/test.mjs --appliance [FILE...]    those that boot the image in a virtual machine
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { TapReader } from './tap-reader.mjs';

const tool = (name) => `node_modules/.bin/${name}`;

const checks = [
  { name: 'types of the services and tests', command: [tool('tsc'), '--noEmit'] },
  { name: 'types of the web page', command: [tool('tsc'), '--noEmit', '-p', 'web-ui'] },
  { name: 'lint and format', command: [tool('biome'), 'check', '.'] },
];

/** Tests that show, make or play pictures, read off what they import: those want the machine for themselves. */
const pictures =
  /from '(playwright-core|\.\.\/support\/(browser|media-daemon|[a-z]+-encode|whep-client)\.ts)'/;
const isOfPictures = (file) => pictures.test(readFileSync(file, 'utf8'));

const jobs = availableParallelism();
const ordinaryGroups = [
  { name: 'unit and contract', folders: ['unit', 'contract'], jobs, timeoutS: 60 },
  {
    name: 'integration without pictures',
    folders: ['integration'],
    only: (file) => !isOfPictures(file),
    jobs,
    timeoutS: 450,
  },
  {
    name: 'integration with pictures, one after another',
    folders: ['integration'],
    only: isOfPictures,
    jobs: 1,
    timeoutS: 300,
  },
];

/** One machine at a time: the first group shares one, the second's tests each boot their own. */
const applianceGroups = [
  {
    name: 'appliance, in one that runs',
    folders: ['appliance/running'],
    within: [process.execPath, '--import', 'tsx', 'test/support/vm/boot.ts'],
    jobs: 1,
    timeoutS: 900,
  },
  { name: 'appliance, from its boot on', folders: ['appliance/boots'], jobs: 1, timeoutS: 3_600 },
];

const sum = { pass: 0, fail: 0, skip: 0 };
/** More than these are no accident. */
const mostRepeated = 8;

/** @returns whether it passed; what it printed is shown only where it did not */
async function runCheck({ name, command: [file, ...args] }) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [];
  child.stdout.on('data', (data) => printed.push(data));
  child.stderr.on('data', (data) => printed.push(data));
  const [code] = await once(child, 'close');
  console.log(`${code === 0 ? 'ok    ' : 'not ok'}  ${name}`);
  if (code !== 0) console.log(Buffer.concat(printed).toString());
  return code === 0;
}

/** @param within a program that makes ready what the tests need, and runs them */
async function runTap({ files, within = [], jobs, timeoutS }) {
  const options = [`--jobs=${jobs}`, `--timeout=${timeoutS}`];
  const [program, ...args] = [...within, process.execPath, 'bin/tap-files.mjs', ...options, ...files];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const reader = new TapReader(child.stdout, (lines) => console.log(lines));
  const [code] = await once(child, 'close');
  const { pass, fail, skip } = reader.counts;
  // A run that broke off counts as a failure, whatever it had counted until then.
  return { pass, skip, fail: code !== 0 && fail === 0 ? 1 : fail, failed: reader.failed };
}

function testsIn(folder) {
  const names = readdirSync(`test/${folder}`, { recursive: true }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  return names.sort().map((name) => `test/${folder}/${name}`);
}

async function runChecks() {
  for (const check of checks) {
    if (await runCheck(check)) sum.pass += 1;
    else sum.fail += 1;
  }
}

/**
 * A file that failed beside others runs once more by itself: what fails then, too, has failed. What passes is told as unsteady, which
 * is a fault of the test, or of what it tests, to be found.
 * @returns how many assertions failed
 */
async function judge({ fail, failed }, how) {
  const isSteady = fail === 0 || failed.length === 0 || failed.length > mostRepeated || how.within;
  if (isSteady) return fail;
  console.log(`# once more, by themselves: ${failed.join(' ')}`);
  const again = await runTap({ ...how, jobs: 1, files: failed });
  for (const file of failed.filter((one) => !again.failed.includes(one))) console.log(`unsteady  ${file}`);
  sum.pass += again.pass;
  return again.fail;
}

async function runGroup({ name, folders, only = () => true, ...how }, chosen) {
  const found = folders.flatMap(testsIn).filter(only);
  const files = chosen.length === 0 ? found : found.filter((file) => chosen.includes(file));
  if (files.length === 0) return;
  console.log(`# ${name}`);
  const first = await runTap({ ...how, files });
  sum.pass += first.pass;
  sum.skip += first.skip;
  sum.fail += await judge(first, how);
}

const given = process.argv.slice(2);
const isAppliance = given[0] === '--appliance';
const chosen = isAppliance ? given.slice(1) : given;
const [first, ...others] = isAppliance ? applianceGroups : ordinaryGroups;
// The checks run beside the first group, whose tests wait for nothing but the processor.
const checked = isAppliance || chosen.length > 0 ? null : runChecks();
await runGroup(first, chosen);
await checked;
for (const group of others) await runGroup(group, chosen);

if (sum.pass + sum.fail === 0) console.log('No test was found.');
console.log(`\n${sum.pass} passed, ${sum.fail} failed${sum.skip > 0 ? `, ${sum.skip} skipped` : ''}`);
process.exitCode = sum.fail > 0 || sum.pass === 0 ? 1 : 0;
