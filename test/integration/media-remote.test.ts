import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { MediaDaemon, mediaRequest } from '../support/media-daemon.ts';
import { freePort } from '../support/server-program.ts';

const daemon = await MediaDaemon.start({ entry: 'dist/media.js' });
t.teardown(() => daemon.stop());
const { control } = daemon;
const program = fileURLToPath(new URL('../support/rtsp-camera.py', import.meta.url));
const withinMs = 25_000;
const picture = 'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1';
const h264 = `${picture} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15`;
const sound = 'audiotestsrc is-live=true ! audio/x-raw,rate=44100,channels=1 ! voaacenc';

async function camera(
  t: Test,
  { launch, port = 0, user = '', password = '', transport = '' }: Record<string, string | number>,
): Promise<{ port: number; end: () => Promise<void> }> {
  const child = spawn(
    '/usr/bin/python3',
    [program, String(port), String(launch), String(user), String(password), String(transport)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  t.teardown(end);
  const [line] = await once(child.stdout, 'data');
  return { port: Number(String(line)), end };
}

function ask(source: string): number {
  const from = control.messages.length;
  control.send({ type: 'media_start', payload: mediaRequest({ video: { source } }) });
  return from;
}

async function stop(): Promise<void> {
  const from = control.messages.length;
  control.send({ type: 'media_stop', payload: {} });
  await control.state('idle', { from });
}

const reason = (code: string, from: number) =>
  control.message('media_state', (state) => state.reason?.code === code, { from, withinMs, what: code });

t.test('an RTSP camera with a password: wrong, right, gone, back', async (t) => {
  const launch = `( ${h264} ! rtph264pay name=pay0 pt=96 ${sound} ! rtpmp4gpay name=pay1 pt=97 )`;
  const one = await camera(t, { launch, user: 'ann', password: 'p@ss:w0rd' });
  const denied = await reason('remote-denied', ask(`rtsp://ann:wr0ng@127.0.0.1:${one.port}/cam`));
  t.notMatch(JSON.stringify(denied), /wr0ng|ann:/, 'the password is not told');
  await stop();
  const from = ask(`rtsp://ann:p%40ss%3Aw0rd@127.0.0.1:${one.port}/cam`);
  const running = await control.state('running', { from, withinMs });
  const pids = (await readFile(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8')).trim().split(' ');
  for (const pid of [daemon.pid, ...pids])
    t.notMatch(await readFile(`/proc/${pid}/cmdline`, 'utf8'), /w0rd/, 'nor in arguments');
  let mark = control.messages.length;
  await one.end();
  await reason('remote-unreachable', mark);
  mark = control.messages.length;
  await camera(t, { launch, port: one.port, user: 'ann', password: 'p@ss:w0rd' });
  const back = await control.state('running', { from: mark, withinMs });
  t.equal(back.pipelineId, running.pipelineId, 'the encoder went on meanwhile');
  await stop();
});

t.test('a camera that has only UDP, with HEVC', async (t) => {
  const launch = `( ${picture} ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph265pay name=pay0 pt=96 )`;
  const one = await camera(t, { launch, transport: 'udp' });
  t.ok(await control.state('running', { from: ask(`rtsp://127.0.0.1:${one.port}/cam`), withinMs }));
  await stop();
});

t.test('an RTSP server without that stream, or with sound alone', async (t) => {
  const one = await camera(t, { launch: `( ${sound} ! rtpmp4gpay name=pay0 pt=97 )` });
  t.ok(await reason('remote-missing', ask(`rtsp://127.0.0.1:${one.port}/other`)));
  await stop();
  t.ok(await reason('remote-without-pictures', ask(`rtsp://127.0.0.1:${one.port}/cam`)));
  await stop();
});

t.test('an SRT listener is called, with its passphrase', async (t) => {
  const port = await freePort();
  const address = `srt://127.0.0.1:${port}?streamid=cam&passphrase=a-long-secret`;
  const from = ask(address);
  const missing = await reason('remote-unreachable', from);
  t.notMatch(JSON.stringify(missing), /long-secret/);
  const mark = control.messages.length;
  const uri = `srt://127.0.0.1:${port}?mode=listener&passphrase=a-long-secret`;
  const inputs = '-re -f lavfi -i testsrc=size=320x240:rate=15 -f lavfi -i sine'.split(' ');
  const coding = '-c:v libx264 -preset ultrafast -g 15 -c:a aac -f mpegts'.split(' ');
  const child = spawn('ffmpeg', ['-v', 'error', ...inputs, ...coding, uri], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  t.ok(await control.state('running', { from: mark, withinMs }));
  await stop();
});

t.test('no password stands in what media logged or told', async (t) => {
  t.match(daemon.log, /127\.0\.0\.1/, 'addresses do');
  t.notMatch(daemon.log, /w0rd|wr0ng|long-secret/);
  t.notMatch(JSON.stringify(control.messages), /w0rd|wr0ng|long-secret/);
});
