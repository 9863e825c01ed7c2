import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { runDoctor } from '#control/diagnosis/diagnosis.ts';
import { tarOf } from '#control/diagnosis/tar.ts';
import { OnairError } from '#core/domain/errors.ts';
import { historyBody } from '#core/protocol/endpoints/box.ts';
import { ask } from '#test/support/ask.ts';
import { boxCare, diagnosisOf } from '#test/support/box-care.ts';
import { json } from '#test/support/web-routes.ts';

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

t.test('the last 10 minutes, one sample every 5 s', async (t) => {
  const { clock, audience, broadcast, pipeline, part, flow, media, linkUrl, url, history } = await boxCare(t);
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
  const { url, store } = await boxCare(t);
  const tell = (body: string) => ask('POST', `${url}/api/v1/delay`, { headers: json, body });
  for (const body of ['{}', '{"delayMs":-1}', '{"delayMs":1e9}', '{"delayMs":"1"}', '{"delayMs":1,"x":1}'])
    t.equal((await tell(body)).status, 400, body);
  await store.patch({ viewing: { access: 'pin', pin: '1234' } });
  t.equal((await tell('{"delayMs":1}')).status, 401);
});

t.test('a diagnosis is a download, one at a time', async (t) => {
  const { linkUrl, url } = await boxCare(t);
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
