import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Problem } from '#core/domain/problem.ts';
import type { UpdateBody } from '#core/protocol/endpoints/update.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import type { Installer } from '#update/installer.ts';
import { TrialRecord } from '#update/trial-record.ts';
import { Updater } from '#update/updater.ts';
import { compareVersions } from '#update/version-order.ts';
import { VirtualInstaller, virtualCompatible } from '#update/virtual-installer.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const logger = createLogger('update', 'silent');
const stranger = generateKeyPairSync('ed25519').privateKey;
const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
const noPicture: Problem = { code: 'no-picture', message: 'No picture came.', action: 'Look.' };

function bundleOf(contents: object, key = privateKey): string {
  const payload = JSON.stringify({ compatible: virtualCompatible, ...contents });
  return JSON.stringify({ payload, signature: sign(null, Buffer.from(payload), key).toString('base64') });
}

/** A box with an update service, whose restarts are counted and come back as another service over the same folder. */
class Box {
  readonly folder: string;
  readonly reports: UpdateBody[] = [];
  readonly proofs: ('set' | 'test')[] = [];
  proof: Problem | null = null;
  page: Problem | null = null;
  restarts = 0;
  installer: Installer;
  updater: Updater;
  readonly #heard = new Set<() => void>();

  constructor(t: Test) {
    this.folder = t.testdir();
    this.installer = this.#installer();
    this.updater = this.#updater('1.0.0');
    t.teardown(() => this.updater.close());
  }

  async put(name: string, text: string): Promise<{ file: string }> {
    await writeFile(join(this.folder, name), text);
    return { file: name };
  }

  /** The service comes back after a restart. */
  async boot(version: string): Promise<void> {
    this.updater.close();
    this.updater = this.#updater(version);
    await this.updater.start();
  }

  /** Resolves with the first report of that state. */
  async until(state: UpdateBody['state']): Promise<UpdateBody> {
    for (;;) {
      const { report } = this.updater;
      if (report.state === state) return report;
      await new Promise<void>((resolve) => {
        const heard = (): void => {
          this.#heard.delete(heard);
          resolve();
        };
        this.#heard.add(heard);
      });
    }
  }

  #installer(): Installer {
    const path = join(this.folder, 'card.json');
    return new VirtualInstaller({
      ...{ path, publicKey: pem, version: '1.0.0' },
      restart: () => {
        this.restarts += 1;
      },
    });
  }

  #updater(version: string): Updater {
    return new Updater({
      installer: this.installer,
      record: new TrialRecord(join(this.folder, 'trial.json')),
      proofs: {
        ask: async (source) => {
          this.proofs.push(source);
          return this.proof;
        },
        page: async () => this.page,
      },
      directory: this.folder,
      ...{ version, trialMs: 50, clock, logger },
      onReport: (report) => {
        this.reports.push(report);
        for (const heard of [...this.#heard]) heard();
      },
    });
  }
}

const consent = { downgrade: false, onAir: false };

t.test('a new version is committed once services, picture and page are there', async (t) => {
  const box = new Box(t);
  await box.updater.start();
  t.match(box.updater.report, { state: 'idle', slot: 'A', current: '1.0.0' });
  await box.updater.install({
    source: await box.put('new.raucb', bundleOf({ version: '1.1.0' })),
    ...consent,
  });
  t.strictSame(
    [...new Set(box.reports.map(({ state }) => state))],
    ['idle', 'verifying', 'installing', 'trying'],
  );
  t.equal(box.restarts, 1);
  t.match(await box.installer.facts(), { slot: 'B', usual: 'A' }, 'tried, and not the usual one');
  await box.boot('1.1.0');
  t.match(await box.until('committed'), { slot: 'B', reason: null });
  t.match(await box.installer.facts(), { slot: 'B', usual: 'B' });
  t.strictSame(box.proofs, ['set', 'set'], 'the old version showed that there is a picture');
});

for (const [what, fault] of Object.entries({
  'whose encoder gives no picture': { proof: noPicture },
  'that serves no page': { page: noPicture },
}))
  t.test(`a version ${what} is taken back, and says why`, async (t) => {
    const box = new Box(t);
    await box.updater.start();
    await box.updater.install({
      source: await box.put('new.raucb', bundleOf({ version: '1.1.0' })),
      ...consent,
    });
    Object.assign(box, fault);
    await box.boot('1.1.0');
    await box.until('rolled-back');
    while (box.restarts < 2) await tick();
    t.match(await box.installer.facts(), { slot: 'A', usual: 'A' });
    await box.boot('1.0.0');
    t.match(box.updater.report, {
      state: 'rolled-back',
      slot: 'A',
      reason: {
        code: 'update-not-proven',
        message: /^Version 1\.1\.0 started and was taken back: No picture came/,
      },
    });
  });

t.test('a version that does not start is followed by the one before, which says so', async (t) => {
  const box = new Box(t);
  await box.updater.start();
  const bundle = bundleOf({ version: '1.1.0', startsAtAll: false });
  await box.updater.install({ source: await box.put('new.raucb', bundle), ...consent });
  await box.boot('1.0.0');
  t.match(box.updater.report, { state: 'rolled-back', slot: 'A', reason: { code: 'update-not-started' } });
  t.equal(box.restarts, 1, 'it was tried once');
});

t.test('a power cut while it is tried ends in the version before', async (t) => {
  const box = new Box(t);
  await box.updater.start();
  await box.updater.install({
    source: await box.put('new.raucb', bundleOf({ version: '1.1.0' })),
    ...consent,
  });
  await box.installer.restart(); // what the firmware does: the flag is gone
  await box.boot('1.0.0');
  t.match(box.updater.report, { state: 'rolled-back', slot: 'A' });
});

t.test('without a camera, the test picture has to come through', async (t) => {
  const box = new Box(t);
  await box.updater.start();
  box.proof = noPicture;
  await box.updater.install({
    source: await box.put('new.raucb', bundleOf({ version: '1.1.0' })),
    ...consent,
  });
  box.proof = null;
  await box.boot('1.1.0');
  await box.until('committed');
  t.strictSame(box.proofs, ['set', 'test']);
});

const refused: [string, () => string, string][] = [
  ['signed by a stranger', () => bundleOf({ version: '1.1.0' }, stranger), 'update-signature'],
  ['torn', () => bundleOf({ version: '1.1.0' }).slice(0, 60), 'update-torn'],
  ['for another box', () => bundleOf({ version: '1.1.0', compatible: 'toaster' }), 'update-other-box'],
  ['older', () => bundleOf({ version: '0.9.0' }), 'update-not-newer'],
  ['the same', () => bundleOf({ version: '1.0.0' }), 'update-not-newer'],
];
for (const [what, make, code] of refused)
  t.test(`an update that is ${what} is refused before a byte is written`, async (t) => {
    const box = new Box(t);
    await box.updater.start();
    await box.updater.install({ source: await box.put('new.raucb', make()), ...consent });
    t.match(box.updater.report, { state: 'idle', reason: { code } });
    t.equal(box.restarts, 0);
    t.notOk(box.reports.some(({ state }) => state === 'installing'));
    t.match(await box.installer.facts(), { slot: 'A', usual: 'A' });
  });

t.test('an update on a disk is copied to the card first, and left where it is', async (t) => {
  const box = new Box(t);
  await box.updater.start();
  const disk = join(box.folder, 'disk', 'new.raucb');
  await mkdir(join(box.folder, 'disk'));
  await box.updater.install({ source: { disk }, ...consent });
  t.match(box.updater.report, {
    state: 'idle',
    reason: { code: 'update-download', message: /from the disk/ },
  });
  await symlink(await file('/new.raucb'), disk);
  await box.updater.install({ source: { disk }, ...consent });
  t.match(box.updater.report, { state: 'idle', reason: { code: 'update-download' } }, 'no link is followed');
  await rm(disk);
  await writeFile(disk, bundleOf({ version: '1.1.0' }));
  await box.updater.install({ source: { disk }, ...consent });
  t.ok(
    box.reports.some(({ state, percent }) => state === 'downloading' && percent === 100),
    'with progress',
  );
  t.equal(box.restarts, 1);
  t.match(await readFile(disk, 'utf8'), /1\.1\.0/);

  async function file(name: string): Promise<string> {
    await writeFile(box.folder + name, bundleOf({ version: '1.1.0' }));
    return box.folder + name;
  }
});

t.test('an older version is taken where it is asked for', async (t) => {
  const box = new Box(t);
  await box.updater.start();
  const source = await box.put('old.raucb', bundleOf({ version: '0.9.0' }));
  await box.updater.install({ source, downgrade: true, onAir: false });
  t.equal(box.restarts, 1);
});

t.test('an update that is ready waits for the end of the broadcast', async (t) => {
  const box = new Box(t);
  await box.updater.start();
  box.updater.setOnAir(true);
  const installed = box.updater.install({
    source: await box.put('new.raucb', bundleOf({ version: '1.1.0' })),
    ...consent,
  });
  while (box.updater.report.reason?.code !== 'update-waits') await box.until('installing').then(() => tick());
  t.equal(box.restarts, 0);
  box.updater.setOnAir(false);
  await installed;
  t.equal(box.restarts, 1);
});

t.test('going back is tried and committed in the same way', async (t) => {
  const box = new Box(t);
  await box.updater.start();
  await box.updater.rollBack({ onAir: false });
  t.match(box.updater.report, { state: 'idle', reason: { code: 'update-nothing-before' } });
  await box.updater.install({
    source: await box.put('new.raucb', bundleOf({ version: '1.1.0' })),
    ...consent,
  });
  await box.boot('1.1.0');
  await box.until('committed');
  await box.updater.rollBack({ onAir: false });
  await box.boot('1.0.0');
  t.match(await box.until('committed'), { slot: 'A' });
});

t.test('an update is fetched from a web server, and one that breaks off is named', async (t) => {
  const text = bundleOf({ version: '1.1.0' });
  const server = createServer(({ url }, response) => {
    response.writeHead(200, { 'content-length': text.length });
    if (url === '/whole') response.end(text);
    else response.write(text.slice(0, 20), () => response.destroy());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const box = new Box(t);
  await box.updater.start();
  await box.updater.install({ source: { url: `${origin}/torn` }, ...consent });
  t.match(box.updater.report, { state: 'idle', reason: { code: 'update-download' } });
  await box.updater.install({ source: { url: `${origin}/whole` }, ...consent });
  t.equal(box.restarts, 1);
});

t.test('versions are ordered as Semantic Versioning has it', async (t) => {
  const order = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0',
    '1.2.0',
    '1.10.0',
    '2.0.0',
  ];
  for (const [at, one] of order.entries())
    for (const other of order.slice(at + 1)) {
      t.ok(compareVersions(one, other) < 0, `${one} < ${other}`);
      t.ok(compareVersions(other, one) > 0, `${other} > ${one}`);
    }
  t.equal(compareVersions('1.0.0+one', '1.0.0+two'), 0);
});

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
