import { execFile, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';

const run = promisify(execFile);
const small = { video: { width: 320, height: 180, bitrateKbps: 500 } };

async function liveBox(
  t: Test,
  settings: object = {},
): Promise<{ box: Appliance; url: string; port: number }> {
  const box = await Appliance.start({ settings: { ...small, ...settings } });
  t.teardown(() => box.close());
  const { ports } = await box.until((status) => status.ports.rtsp !== null);
  await box.onair('live');
  return { box, port: ports.rtsp ?? 0, url: `rtsp://127.0.0.1:${ports.rtsp}/live` };
}

/** What a player that ffmpeg is makes of it: codecs, and how long what it took in three seconds lasts. */
async function watch(url: string, transport: 'tcp' | 'udp', seconds = 2) {
  const { stdout } = await run('ffmpeg', [
    ...['-v', 'error', '-rtsp_transport', transport, '-i', url, '-t', String(seconds)],
    ...['-map', '0', '-c', 'copy', '-f', 'framehash', '-'],
  ]);
  const codecs = [...stdout.matchAll(/^#codec_id \d+: (\w+)/gm)].map(([, codec]) => codec);
  const frames = stdout.split('\n').filter((line) => /^\d/.test(line));
  return { codecs, pictures: frames.filter((line) => line.startsWith('0,')).length };
}

/** A player that stays; ends with the test. */
function stay(t: Test, url: string) {
  const player = spawn('ffmpeg', ['-v', 'error', '-rtsp_transport', 'tcp', '-i', url, '-f', 'null', '-'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => player.once('exit', resolve));
  t.teardown(async () => {
    player.kill('SIGKILL');
    await ended;
  });
  return { player, ended };
}

t.test('players take H.264 with AAC or Opus, over TCP and UDP, and count as viewers', async (t) => {
  const { box, url } = await liveBox(t);
  for (const transport of ['tcp', 'udp'] as const) {
    const { codecs, pictures } = await watch(url, transport);
    t.strictSame(codecs, ['h264', 'aac'], transport);
    t.ok(pictures >= 50, `${pictures} pictures in 2 s by ${transport}`);
  }
  t.match(await watch(`${url}/opus`, 'tcp'), { codecs: ['h264', 'opus'] });
  t.equal((await box.until(({ audience }) => audience.viewers === 0)).audience.viewers, 0);

  const { ended } = stay(t, url);
  await box.until(({ audience }) => audience.viewers === 1);
  await box.call('PATCH', '/api/v1/settings', { viewing: { maxViewers: 1 } });
  await t.rejects(watch(url, 'tcp'), { message: /453|Not Enough Bandwidth/i }, 'a full house');
  await box.onair('stop');
  await ended;
  await box.until(({ audience }) => audience.viewers === 0);
  await t.rejects(watch(url, 'tcp'), { message: /404|Not Found/i }, 'nothing is broadcast');
});

t.test('where watching takes a PIN, RTSP takes it by digest', async (t) => {
  const { box, url } = await liveBox(t, { viewing: { access: 'pin', pin: '2468' } });
  await box.until(({ ports }) => ports.rtsp !== null);
  const { ports } = await box.status();
  const at = (login: string) =>
    url.replace('rtsp://', `rtsp://${login}`).replace(/:\d+\/live/, `:${ports.rtsp}/live`);
  await t.rejects(watch(at(''), 'tcp'), { message: /401/ });
  t.match(await watch(at('onair:2468@'), 'tcp'), { codecs: ['h264', 'aac'] });
  const tokens = `${await box.origin()}/api/v1/streams/${(await box.status()).stream.id}/tokens`;
  const show = async (pin: string) => {
    const headers = { 'content-type': 'application/json' };
    return (await ask('POST', tokens, { headers, body: JSON.stringify({ pin }) })).status;
  };
  for (let guess = 0; guess < 5; guess += 1) await t.rejects(watch(at(`onair:111${guess}@`), 'tcp'));
  t.equal(await show('2468'), 201, 'a few errors keep nobody out');
  // Guesses are counted together, whichever way they come.
  while ((await show('1357')) === 401);
  t.equal(await show('2468'), 429);
  await t.rejects(watch(at('onair:2468@'), 'tcp'), 'who guesses is not heard for a while, not even by luck');
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(ports.rtsp ?? 0, '127.0.0.1');
    socket.on('error', reject);
    socket.once('data', (data) => {
      resolve(String(data));
      socket.destroy();
    });
    socket.write(`DESCRIBE rtsp://127.0.0.1/live RTSP/1.0\r\nCSeq: 1\r\n\r\n`);
  });
  t.match(answer, /401[\s\S]*Digest/);
  t.notMatch(answer, /Basic/, 'the PIN never crosses the network in the clear');
});

t.test('a client that stops reading costs itself', async (t) => {
  const { url } = await liveBox(t);
  const { player } = stay(t, url);
  await watch(url, 'tcp');
  player.kill('SIGSTOP');
  for (let round = 0; round < 3; round += 1) {
    const { pictures } = await watch(url, 'tcp');
    t.ok(pictures >= 50, `another one has ${pictures} pictures in 2 s`);
  }
});
