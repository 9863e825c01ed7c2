import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { boxRoutes } from '#control/api/box-routes.ts';
import { Diagnosis, runDoctor } from '#control/diagnosis/diagnosis.ts';
import { tarOf } from '#control/diagnosis/tar.ts';
import { History } from '#control/history.ts';
import type { LogSource } from '#control/logs/log-source.ts';
import { Restart } from '#control/restart.ts';
import type { Telemetry } from '#control/telemetry.ts';
import { OnairError } from '#core/domain/errors.ts';
import { nothingKnown } from '#core/domain/telemetry.ts';
import { historyBody } from '#core/protocol/operator-api.ts';
import { ask } from '../support/ask.ts';
import { FakeDaemon } from '../support/fake-daemon.ts';
import { hubOfFakes } from '../support/hub-of-fakes.ts';
import { keepingLogger } from '../support/link-pair.ts';
import { identity as boxIdentity, openedSettings } from '../support/settings-folder.ts';
import { json } from '../support/web-routes.ts';
import { webServer } from '../support/web-server.ts';

t.setTimeout(30_000);
const run = promisify(execFile);

/** The files of an archive by their name without the folder, as tar(1) reads them. */
async function unpack(t: Test, archive: Buffer): Promise<Map<string, string>> {
  const path = join(t.testdir(), 'archive.tar.gz');
  await writeFile(path, archive);
  const { stdout } = await run('tar', ['tzf', path]);
  const files = stdout
    .trim()
    .split('\n')
    .map(async (name): Promise<[string, string]> => {
      const content = await run('tar', ['xzOf', path, name], { maxBuffer: 1 << 24 });
      return [name.split('/').slice(1).join('/'), content.stdout];
    });
  return new Map(await Promise.all(files));
}

t.test('a tar archive that tar reads', async (t) => {
  const sizes = [0, 1, 511, 512, 513, 100_000];
  const files = sizes.map((size) => ({ name: `folder/${size}.txt`, content: Buffer.alloc(size, 'ä') }));
  const path = join(t.testdir(), 'x.tar');
  await writeFile(path, tarOf(files, { modifiedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5) }));
  const { stdout } = await run('tar', ['tvf', path, '--utc', '--full-time']);
  t.match(stdout.split('\n')[5], /^-rw-------.* 100000 2026-01-02 03:04:05 folder\/100000\.txt$/);
  for (const size of sizes) {
    const { stdout: content } = await run('tar', ['xOf', path, `folder/${size}.txt`], { encoding: 'buffer' });
    t.equal(content.length, size);
  }
  for (const name of ['', 'x'.repeat(101), 'ü', 'a\nb']) {
    t.throws(() => tarOf([{ name, content: Buffer.alloc(0) }], { modifiedAtMs: 0 }), RangeError);
  }
});

const secrets = {
  viewing: { pin: '40718293' },
  webrtc: { turn: { secret: 'turn-secret-words' } },
  hub: { key: 'hub-key-words-1234', redisUrl: 'redis://user:redis-password@127.0.0.1:1' },
};

async function diagnosisOf(t: Test, logs: Partial<LogSource>, doctor: () => Promise<string>) {
  const { store, clock } = await openedSettings(t, { 'settings.json': boxIdentity });
  await store.patch(secrets);
  return new Diagnosis({
    reports: { status: () => ({ state: 'live' }) },
    settingsStore: store,
    logs: logs as LogSource,
    doctor,
    clock,
  });
}

t.test('a diagnosis holds what helps, and none of the secrets, whoever wrote one down', async (t) => {
  const line = { at: '2026-01-02T03:04:05.000Z', daemon: 'media', level: 'error' as const };
  const latest = async () => [{ ...line, message: 'turn with turn-secret-words and hub-key-words-1234' }];
  const diagnosis = await diagnosisOf(
    t,
    { latest },
    async () => 'ok Node.js; redis://user:redis-password@127.0.0.1:1',
  );
  const { name, bytes } = await diagnosis.archive();
  t.equal(name, 'onair-onair-20260102030405.tar.gz');
  const files = await unpack(t, bytes);
  t.same(
    [...files.keys()],
    ['README.txt', 'status.json', 'settings.json', 'versions.json', 'doctor.txt', 'logs.jsonl'],
  );
  t.match(JSON.parse(files.get('settings.json') ?? ''), { settings: { viewing: { pin: { set: true } } } });
  t.match(JSON.parse(files.get('versions.json') ?? ''), { node: process.versions.node, onair: /\d/ });
  t.match(files.get('logs.jsonl'), /turn with \[secret\]/);
  t.match(files.get('doctor.txt'), /ok Node\.js/);
  const all = [...files.values()].join('\n');
  for (const secret of ['40718293', 'turn-secret', 'hub-key-words', 'redis-password'])
    t.notMatch(all, secret);
});

t.test('what a diagnosis cannot have is said in its place', async (t) => {
  const latest = async () => {
    throw new OnairError('unavailable', 'The journal of the box cannot be read.');
  };
  const diagnosis = await diagnosisOf(t, { latest }, () => runDoctor(join(t.testdir(), 'no-such-cli.js')));
  const files = await unpack(t, (await diagnosis.archive()).bytes);
  t.match(files.get('logs.jsonl'), /could not be had: The journal/);
  t.match(files.get('doctor.txt'), /Cannot find module[\s\S]*ended with/);
});

/** The box's own routes, with what a restart would have done. */
async function setUp(t: Test, options: { reboot?: (() => Promise<void>) | null } = {}) {
  const hub = hubOfFakes();
  const { clock, audience, broadcast, director, link } = hub;
  const { logger } = keepingLogger();
  const { store, folder } = await openedSettings(t, { 'settings.json': boxIdentity });
  const tokens = new TokenKeeper({ path: join(folder, 'token.key') });
  await tokens.start();
  const identity = new ViewerIdentity({ tokens, settings: () => store.current });
  const telemetry = { current: { ...nothingKnown, temperatureCelsius: 51 } } as unknown as Telemetry;
  const history = new History({ audience, broadcast, director, telemetry, clock });
  history.start();
  const did: string[] = [];
  const restart = new Restart({
    link,
    reboot: options.reboot ?? null,
    forgetBroadcast: async () => void did.push('forgotten'),
    endControl: () => void did.push('ended'),
    clock,
    logger,
  });
  const diagnosis = await diagnosisOf(t, { latest: async () => [] }, async () => 'ok');
  const routes = boxRoutes({ history, restart, diagnosis, identity });
  const { url } = await webServer(t, { routes });
  const link_ = await webServer(t, { routes, authority: 'link' });
  return { ...hub, store, history, did, url, linkUrl: link_.url };
}

t.test('the last 10 minutes, one sample every 5 s', async (t) => {
  const { clock, audience, broadcast, pipeline, part, flow, media, linkUrl, url, history } = await setUp(t);
  const body = async () => historyBody.parse((await ask('GET', `${linkUrl}/api/v1/history`)).json).samples;
  t.match(await body(), [
    { viewers: 0, bitrateKbps: null, delayMs: null, temperatureCelsius: 51, throttled: null },
  ]);
  media.join();
  pipeline('idle');
  broadcast.start();
  pipeline('starting');
  flow(true);
  part();
  audience.enter('anna', 'lancast');
  media.say('media_progress', {
    pipelineId: 'p1',
    frames: 9,
    keyFrames: 1,
    bitrateKbps: 2_999.6,
    framesPerSecond: 29.9,
  });
  for (const delayMs of [120, 900, 300]) {
    const told = await ask('POST', `${url}/api/v1/delay`, {
      headers: json,
      body: JSON.stringify({ delayMs }),
    });
    t.equal(told.status, 204);
  }
  clock.advance(5_000);
  t.match((await body()).at(-1), { viewers: 1, bitrateKbps: 3_000, framesPerSecond: 29.9, delayMs: 900 });
  clock.advance(5_000);
  t.match((await body()).at(-1), { delayMs: null }, 'the worst of each interval, and of none without a word');
  clock.advance(3_600_000);
  const samples = await body();
  t.equal(samples.length, 120);
  t.equal(Date.parse(samples[119]?.at ?? '') - Date.parse(samples[0]?.at ?? ''), 119 * 5_000);
  history.close();
  clock.advance(5_000);
  t.same(await body(), samples);
});

t.test('who may tell a delay, and which', async (t) => {
  const { url, store } = await setUp(t);
  const tell = (body: string) => ask('POST', `${url}/api/v1/delay`, { headers: json, body });
  for (const body of ['{}', '{"delayMs":-1}', '{"delayMs":1e9}', '{"delayMs":"1"}', '{"delayMs":1,"x":1}'])
    t.equal((await tell(body)).status, 400, body);
  await store.patch({ viewing: { access: 'pin', pin: '1234' } });
  t.equal((await tell('{"delayMs":1}')).status, 401);
});

t.test('the services start anew, control last', async (t) => {
  const { clock, link, media, egress, did, linkUrl, url } = await setUp(t);
  const panel = new FakeDaemon('panel', link).join();
  media.join();
  egress.join();
  for (const daemon of [media, egress, panel]) daemon.told();
  const post = (to: string, what: string) =>
    ask('POST', `${to}/api/v1/restart`, { headers: json, body: JSON.stringify({ what }) });
  t.equal((await post(url, 'services')).status, 401);
  t.equal((await post(linkUrl, 'everything')).status, 400);
  t.same(did, []);
  t.equal((await post(linkUrl, 'services')).status, 202);
  const told: string[] = [];
  while (told.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
    told.push(...panel.toldTypes());
  }
  for (const daemon of [media, egress]) told.push(...daemon.toldTypes());
  t.same(told, ['daemon_restart', 'daemon_restart', 'daemon_restart']);
  media.leave();
  panel.leave();
  t.same(did, [], 'egress has not read it yet');
  egress.leave();
  t.same(did, ['ended'], 'the broadcast that was wanted still is');
  clock.advance(10_000);
  t.same(did, ['ended'], 'once');
});

t.test('a daemon that does not end holds up nobody', async (t) => {
  const { clock, media, egress, did, linkUrl } = await setUp(t);
  for (const daemon of [media, egress]) {
    daemon.join();
    daemon.told();
  }
  const body = JSON.stringify({ what: 'services' });
  t.equal((await ask('POST', `${linkUrl}/api/v1/restart`, { headers: json, body })).status, 202);
  while (media.told('daemon_restart').length === 0) await new Promise((resolve) => setImmediate(resolve));
  egress.leave();
  clock.advance(1_999);
  t.same(did, []);
  clock.advance(1);
  t.same(did, ['ended']);
  media.leave();
  t.same(did, ['ended'], 'once');
});

t.test(
  'the box starts anew: the system is asked, or where there is none all services, and nothing is wanted',
  async (t) => {
    const demo = await setUp(t);
    const post = (to: string) =>
      ask('POST', `${to}/api/v1/restart`, { headers: json, body: '{"what":"box"}' });
    t.equal((await post(demo.linkUrl)).status, 202);
    while (demo.did.length < 2) await new Promise((resolve) => setImmediate(resolve));
    t.same(demo.did, ['forgotten', 'ended']);
    let asked = 0;
    const box = await setUp(t, {
      reboot: async () => {
        asked += 1;
        if (asked > 1) throw new Error('no such folder');
      },
    });
    t.equal((await post(box.linkUrl)).status, 202);
    t.match(await post(box.linkUrl), { status: 503, json: { code: 'unavailable', action: /off and on/ } });
    t.same(box.did, []);
  },
);

t.test('a diagnosis is a download, one at a time', async (t) => {
  const { linkUrl, url } = await setUp(t);
  t.equal((await ask('GET', `${url}/api/v1/diagnosis`)).status, 401);
  const [first, second] = await Promise.all([
    ask('GET', `${linkUrl}/api/v1/diagnosis`),
    ask('GET', `${linkUrl}/api/v1/diagnosis`),
  ]);
  t.same([first.status, second.status].sort(), [200, 429]);
  const done = first.status === 200 ? first : second;
  t.match(done.headers, {
    'content-type': 'application/gzip',
    'content-disposition': /^attachment; filename="onair-[\w.-]+\.tar\.gz"$/,
  });
  t.equal((await ask('HEAD', `${linkUrl}/api/v1/diagnosis`)).status, 200);
});
