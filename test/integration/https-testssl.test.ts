import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { Appliance } from '../support/appliance.ts';
import { secureOf } from '../support/secure-box.ts';

// What testssl.sh says of a box, by its name and with its authority added (docs/testing.md). Minutes long, so it runs only
// where testssl.sh 3.2 is: Debian 13's package testssl.sh, or ONAIR_TESTSSL with a path to one.

t.setTimeout(1_800_000);

const candidates = [process.env.ONAIR_TESTSSL, 'testssl', 'testssl.sh'].filter((name) => name !== undefined);
const testssl = candidates.find((name) => {
  const { stdout } = spawnSync(name, ['--version'], { encoding: 'utf8' });
  const [, version] = /version .*?(\d+\.\d+)/.exec(stdout ?? '') ?? [];
  return Number(version) >= 3.2;
});

const report = z.array(z.object({ id: z.string(), severity: z.string(), finding: z.string() }));
/** `WARN` is what it cannot try from where it runs. */
const aboveLow = ['MEDIUM', 'HIGH', 'CRITICAL', 'FATAL'];

t.test(
  'testssl.sh finds nothing above LOW',
  { skip: testssl === undefined && 'not on this machine: testssl.sh 3.2 (see docs/testing.md)' },
  async (t) => {
    const box = await Appliance.start();
    t.teardown(() => box.close());
    const { port, authority } = await secureOf(box);
    const folder = t.testdir();
    const [ca, json] = [join(folder, 'ca.pem'), join(folder, 'report.json')];
    await writeFile(ca, authority);
    const child = spawn(
      testssl ?? '',
      [
        ...['--ip', '127.0.0.1', '--add-ca', ca, '--nodns', 'none', '--warnings', 'batch', '--quiet'],
        ...['--color', '0', '--jsonfile', json, `https://onair.local:${port}/`],
      ],
      { stdio: 'ignore' },
    );
    await once(child, 'close');
    const findings = report.parse(JSON.parse(await readFile(json, 'utf8')));
    const finding = (id: string) => findings.find((one) => one.id === id)?.finding;
    t.match(finding('cert_chain_of_trust'), /passed/, 'it was judged with the authority added');
    t.match(finding('TLS1_3'), /offered/);
    t.strictSame(
      findings.filter(({ severity }) => aboveLow.includes(severity)),
      [],
    );
    const low = findings.filter(({ severity }) => severity === 'LOW').map(({ id }) => id);
    t.comment(`${findings.length} findings; LOW: ${low.join(', ') || 'none'}`);
  },
);
