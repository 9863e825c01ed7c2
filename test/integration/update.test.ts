import { generateKeyPairSync, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import type { UpdateBody } from '#core/protocol/endpoints/update.ts';
import { version } from '#core/version.ts';
import { Appliance } from '../support/appliance.ts';
import { shortFolder } from '../support/short-folder.ts';

t.setTimeout(240_000);
const withinMs = 90_000;

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519').privateKey;

function bundleOf(contents: object, key = privateKey): string {
  const payload = JSON.stringify({ compatible: 'onair-virtual', ...contents });
  return JSON.stringify({ payload, signature: sign(null, Buffer.from(payload), key).toString('base64') });
}

async function serveFiles(
  files: Readonly<Record<string, string>>,
): Promise<{ origin: string; close: () => void }> {
  const server = createServer(({ url = '' }, response) => {
    const text = files[url];
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}

t.test('the shipped services bring, try, commit and take back an update', async (t) => {
  const folder = await shortFolder(t);
  const key = join(folder, 'key.pem');
  await writeFile(key, publicKey.export({ type: 'spki', format: 'pem' }));
  const appliance = await Appliance.start({
    environment: { ONAIR_UPDATE_KEY: key, ONAIR_UPDATE_TRIAL_MS: '60000' },
    settings: { video: { width: 320, height: 180, framesPerSecond: 10 } },
  });
  t.teardown(() => appliance.close());
  const update = async (): Promise<UpdateBody> =>
    (await appliance.call('GET', '/api/v1/update')) as UpdateBody;
  /** The update service restarts itself meanwhile: then it is away for a moment. */
  const until = async (reached: (body: UpdateBody) => boolean): Promise<UpdateBody> => {
    const deadlineMs = Date.now() + withinMs;
    for (;;) {
      const body = await update().catch(() => null);
      if (body !== null && reached(body)) return body;
      if (Date.now() > deadlineMs) throw new Error(`latest: ${JSON.stringify(body)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const send = async (name: string, text: string, ...options: string[]) => {
    const file = join(folder, name);
    await writeFile(file, text);
    return await appliance.onair('update', file, ...options);
  };
  const post = async (text: string): Promise<number | undefined> =>
    await new Promise((resolve, reject) => {
      request({
        socketPath: join(appliance.stateDirectory, 'control.sock'),
        method: 'POST',
        path: '/api/v1/update',
        headers: { 'content-type': 'application/octet-stream' },
      })
        .on('response', (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end(text);
    });
  t.match(await until(() => true), { state: 'idle', slot: 'A', current: version, reason: null });

  t.equal((await send('wrong.raucb', bundleOf({ version: '99.0.0' }, stranger))).exitCode, 0);
  t.match(await until(({ reason }) => reason !== null), {
    state: 'idle',
    reason: { code: 'update-signature' },
  });
  t.equal(await post(bundleOf({ version: '99.0.0' }, stranger)), 202, 'by POST, as design.md has it');
  t.match(await until(({ reason }) => reason?.code === 'update-signature'), { state: 'idle' });
  t.equal((await send('old.raucb', bundleOf({ version: '0.0.1' }))).exitCode, 0);
  t.match(await until(({ reason }) => reason?.code === 'update-not-newer'), { state: 'idle', slot: 'A' });

  const before = (await appliance.status()).broadcast;
  // By a channel: what is newer is told, and installed when somebody asks.
  const { origin, close } = await serveFiles({
    '/channel.json': JSON.stringify({ version: '99.0.0', url: 'good.raucb' }),
    '/good.raucb': bundleOf({ version: '99.0.0' }),
  });
  t.teardown(close);
  await t.rejects(appliance.call('POST', '/api/v1/update', {}), /409|announced/);
  await appliance.call('PATCH', '/api/v1/settings', { update: { channel: `${origin}/channel.json` } });
  await until(({ available }) => available === '99.0.0');
  t.match(await appliance.onair('update'), { exitCode: 0, stdout: /Available: 99\.0\.0/ });
  await appliance.call('POST', '/api/v1/update', {});
  t.match(await until(({ state }) => state === 'committed'), { slot: 'B', reason: null });
  t.match(
    JSON.parse(await readFile(join(appliance.stateDirectory, 'update/trial.json'), 'utf8')),
    { picture: 'set', committed: true },
    'by a picture of the source that is set',
  );
  t.strictSame((await appliance.status()).broadcast, before, 'nobody saw the picture that proved it');

  t.equal((await send('dead.raucb', bundleOf({ version: '99.1.0', startsAtAll: false }))).exitCode, 0);
  const back = await until(({ state }) => state === 'rolled-back');
  t.match(back, { slot: 'B', reason: { code: 'update-not-started', message: /99\.1\.0 did not start/ } });
  t.match(
    (await appliance.until(({ problems }) => problems.length > 0)).problems,
    [{ code: 'update-not-started' }],
    'the status says so',
  );

  await appliance.call('POST', '/api/v1/broadcast');
  const refused = await send('later.raucb', bundleOf({ version: '99.2.0' }));
  t.match(refused, { exitCode: 1, stderr: /on the air/ });
});
