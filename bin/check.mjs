// Types, lint and the rules of what may import what, side by side. Prints what failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const tool = (name) => `node_modules/.bin/${name}`;
const checks = [
  [
    'types of the services and tests',
    tool('tsc'),
    '--noEmit',
    '--incremental',
    '--tsBuildInfoFile',
    'node_modules/.cache/services.tsbuildinfo',
  ],
  [
    'types of the web page',
    tool('tsc'),
    '--noEmit',
    '-p',
    'web-ui',
    '--incremental',
    '--tsBuildInfoFile',
    'node_modules/.cache/web-ui.tsbuildinfo',
  ],
  ['lint and format', tool('biome'), 'check', '.'],
  ['imports', process.execPath, '--import', 'tsx', 'test/unit/repository/imports.test.ts'],
];

async function run([name, file, ...args]) {
  const startedAtMs = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [];
  for (const output of [child.stdout, child.stderr]) output.on('data', (data) => printed.push(data));
  const [code] = await once(child, 'close');
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'not ok'}  ${name}  ${seconds} s`);
  if (code !== 0) console.log(Buffer.concat(printed).toString());
  return code === 0;
}

const passed = await Promise.all(checks.map(run));
process.exitCode = passed.every(Boolean) ? 0 : 1;
