import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { operatorList, pairingBody } from '#core/protocol/endpoints/operators.ts';
import { settingsSchemaBody } from '#core/protocol/endpoints/settings.ts';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';
import { onairCommand } from '../support/command.ts';

t.setTimeout(240_000);
const run = promisify(execFile);
const json = { 'content-type': 'application/json' };

const appliance = await Appliance.start({
  settings: { video: { width: 320, height: 240, framesPerSecond: 15 } },
});
t.teardown(() => appliance.close());
const origin = await appliance.origin();
const pairing = `${origin}/api/v1/pairing`;

const post = (body: object = {}, headers: Record<string, string> = {}) =>
  ask('POST', pairing, { headers: { ...json, ...headers }, body: JSON.stringify(body) });
/** How pairing stands, once it is as wanted. */
async function pairingIs(wanted: Partial<ReturnType<typeof pairingBody.parse>>): Promise<void> {
  for (;;) {
    const now = pairingBody.parse((await ask('GET', pairing)).json);
    if (Object.entries(wanted).every(([key, value]) => now[key as keyof typeof now] === value)) return;
  }
}
const cookieOf = (answer: Awaited<ReturnType<typeof ask>>) =>
  String(answer.headers['set-cookie']).split(';')[0] ?? '';
/** All secrets that the tests here were told. */
const secrets: string[] = [];

t.test('the real button makes an operator, who goes live over the network', async (t) => {
  const live = (headers: Record<string, string>, method = 'POST') =>
    ask(method, `${origin}/api/v1/broadcast`, { headers });
  t.equal((await live({})).status, 401);
  const posted = post({ name: 'Kim' });
  await pairingIs({ waiting: true });
  await appliance.press();
  await appliance.until(({ broadcast }) => broadcast.state === 'live');
  await appliance.press();
  await appliance.until(({ broadcast }) => broadcast.state === 'offline');
  await pairingIs({ waiting: true });
  t.pass('a press to go live, and one to stop, let nobody in');
  t.equal((await appliance.onair('press', '--long')).exitCode, 0);
  const answer = await posted;
  t.equal(answer.status, 201);
  t.equal((await appliance.status()).broadcast.state, 'offline', 'the long press meant nothing else');
  const cookie = cookieOf(answer);
  secrets.push(cookie.split('=')[1] ?? '');
  t.equal((await live({ cookie })).status, 202);
  await appliance.until(({ broadcast }) => broadcast.state === 'live');
  await appliance.press();
  await appliance.until(({ broadcast }) => broadcast.state === 'offline');
  t.pass('and the next press is an ordinary one');
});

t.test('a long press opens the door for one', async (t) => {
  const { exitCode, stdout } = await appliance.onair('press', '--long');
  t.equal(exitCode, 0);
  t.match(stdout, /Pressed/);
  await pairingIs({ windowOpen: true });
  const answer = await post({ as: 'token', name: 'Cron' });
  t.equal(answer.status, 201);
  const token = String(answer.json?.token);
  secrets.push(token);
  await pairingIs({ windowOpen: false, waiting: false });
  const headers = { authorization: `Bearer ${token}` };
  t.equal((await ask('GET', `${origin}/api/v1/settings`, { headers })).status, 200);
  const { operators } = operatorList.parse(
    (await ask('GET', `${origin}/api/v1/operators`, { headers })).json,
  );
  t.same(
    operators.map(({ name, current }) => ({ name, current })),
    [
      { name: 'Kim', current: false },
      { name: 'Cron', current: true },
    ],
  );
});

t.test('a code that the box shows, and its operators, by the command', async (t) => {
  const shown = await appliance.onair('pair');
  t.equal(shown.exitCode, 0);
  t.match(shown.stdout, /\/studio/);
  const code = /\b\d{6}\b/.exec(shown.stdout)?.[0] ?? '';
  const answer = await post({ code, as: 'token', name: 'Lee' });
  t.equal(answer.status, 201);
  const token = String(answer.json?.token);
  secrets.push(code, token);
  const headers = { authorization: `Bearer ${token}` };
  const listed = await appliance.onair('operators');
  t.match(listed.stdout, /Kim .*\n.*Cron.*\n.*Lee/);
  const id = String(answer.json?.operatorId);
  const revoked = await appliance.onair('operators', 'revoke', id.slice(0, 13));
  t.match(revoked, { exitCode: 0, stdout: /Lee operates this box no longer/ });
  t.equal((await ask('GET', `${origin}/api/v1/settings`, { headers })).status, 401);
  t.match(await appliance.onair('operators', 'revoke', 'nobody'), {
    exitCode: 1,
    stderr: /no operator nobody/,
  });
  t.match(await appliance.onair('operators', 'banish'), { exitCode: 2, stderr: /Usage/ });
});

t.test('who paired still is the operator after control died', async (t) => {
  const [kim = ''] = secrets;
  await appliance.kill('control');
  await appliance.until(({ daemons }) => Object.values(daemons).every(({ up }) => up));
  const headers = { cookie: `onair_operator=${kim}` };
  t.equal((await ask('GET', `${origin}/api/v1/settings`, { headers })).status, 200);
  t.equal((await stat(join(appliance.stateDirectory, 'operators.json'))).mode & 0o777, 0o600);
  t.notMatch(await readFile(join(appliance.stateDirectory, 'operators.json'), 'utf8'), kim);
});

t.test('settings: what there is to set, and a new name that nobody confirms', async (t) => {
  const [kim = ''] = secrets;
  const headers = { ...json, cookie: `onair_operator=${kim}` };
  const schema = settingsSchemaBody.parse(
    (await ask('GET', `${origin}/api/v1/settings/schema`, { headers })).json,
  );
  t.match(
    schema.settings.find(({ key }) => key === 'video.width'),
    { type: 'integer', minimum: 160, maximum: 1920, step: 2, default: 1280, unit: 'px', effect: 'pipeline' },
  );
  const patch = (body: object) =>
    ask('PATCH', `${origin}/api/v1/settings`, { headers, body: JSON.stringify(body) });
  t.match((await patch({ video: { width: 1 } })).json, { code: 'invalid-message', title: /^video\.width: / });
  t.match((await patch({ device: { name: 'Box' } })).json, { changed: ['device.name'], confirmBy: null });
  const renamed = await patch({ network: { hostname: 'camera' } });
  t.match(renamed.json, { changed: ['network.hostname'], effect: 'address', confirmBy: /^\d{4}-/ });
  const leftMs = Date.parse(String(renamed.json?.confirmBy)) - Date.now();
  t.ok(leftMs > 40_000 && leftMs <= 60_000);
  await appliance.kill('control');
  await appliance.until(({ daemons }) => Object.values(daemons).every(({ up }) => up));
  const host = { ...headers, host: `camera.local:${new URL(origin).port}` };
  const confirm = () => ask('POST', `${origin}/api/v1/settings/confirm`, { headers: host });
  t.match(await confirm(), { status: 200, json: { changed: ['network.hostname'], confirmBy: null } });
  t.match(await confirm(), { status: 409, json: { code: 'conflict' } });
  t.match(await appliance.call('PATCH', '/api/v1/settings', { network: { hostname: 'onair' } }), {
    confirmBy: null,
  });
});

t.test('logs, history and a diagnosis without any secret', async (t) => {
  const given = {
    viewing: { pin: '73190264' },
    webrtc: { turn: { urls: ['turn:127.0.0.1:3478'], secret: 'the-turn-secret' } },
    hub: { key: 'the-hub-key-of-this-box' },
  };
  await appliance.call('PATCH', '/api/v1/settings', given);
  secrets.push('73190264', 'the-turn-secret', 'the-hub-key-of-this-box');
  const [kim = ''] = secrets;
  const headers = { cookie: `onair_operator=${kim}` };
  const logs = await ask('GET', `${origin}/api/v1/logs?lines=1000`, { headers });
  t.match(logs.text, /"daemon":"control".*an operator paired/);
  t.match(await appliance.onair('logs', 'panel'), { exitCode: 0, stdout: /panel .*pressed/ });
  t.match(await appliance.onair('logs', '../etc'), { exitCode: 2 });
  const history = await ask('GET', `${origin}/api/v1/history`, { headers });
  t.ok(Array.isArray(history.json?.samples));
  const archive = join(t.testdir(), 'diagnosis.tar.gz');
  await writeFile(archive, Buffer.from(await download(`${origin}/api/v1/diagnosis`, headers)));
  const { stdout } = await run('tar', ['xzOf', archive], { maxBuffer: 1 << 25 });
  t.match(stdout, /"state": "offline"/);
  t.match(stdout, /gstreamer-superficial/, 'the doctor was asked');
  for (const secret of secrets) t.notMatch(logs.text + stdout, secret, 'no secret is in it');
});

async function download(url: string, headers: Record<string, string>): Promise<ArrayBuffer> {
  const response = await fetch(url, { headers });
  if (response.status !== 200) throw new Error(`${url}: ${response.status}`);
  return await response.arrayBuffer();
}

t.test('logs that are followed go on with what comes', async (t) => {
  const [file, args] = onairCommand(['logs', '--follow', 'panel', '--state', appliance.stateDirectory]);
  const child = execFile(file, args, { env: { ...process.env, ONAIR_STATE: '' } });
  let heard = '';
  const saw = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      const look = (chunk: string = ''): void => {
        heard += chunk;
        if (pattern.test(heard)) resolve();
      };
      child.stdout?.on('data', look);
      look();
    });
  await saw(/panel/);
  heard = '';
  await appliance.press();
  await saw(/pressed/);
  t.pass('the press is told as it comes');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  await appliance.onair('stop');
});

t.test('a restart of the services takes nothing but a moment', async (t) => {
  await appliance.onair('live');
  const before = await appliance.status();
  t.match(await appliance.onair('restart'), { exitCode: 0, stdout: /services restart/ });
  await appliance.until(
    ({ daemons, broadcast }) =>
      broadcast.state === 'live' &&
      Object.entries(daemons).every(([name, { pid }]) => pid !== null && pid !== before.daemons[name]?.pid),
    30_000,
  );
  t.pass('each is another process, and the broadcast goes on');
  t.match(await appliance.onair('restart', 'everything'), { exitCode: 2, stderr: /Usage/ });
});
