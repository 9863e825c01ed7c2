import { createSocket } from 'node:dgram';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';
import { inTime } from '../support/in-time.ts';
import { LancastWatch } from '../support/lancast-watch.ts';
import { rtpPacket } from '../support/rtp-packets.ts';
import { ViewerPage } from '../support/viewer-page.ts';

t.setTimeout(240_000);

const [appliance, browser] = await Promise.all([
  Appliance.start({ settings: { video: { width: 640, height: 360 } } }),
  launchBrowser({ hostResolverRules: 'MAP onair.local 127.0.0.1' }),
]);
t.teardown(async () => {
  await browser.close();
  await appliance.close();
});

t.test('press, pictures and sound over WebRTC, stop, and again, in a page left open', async (t) => {
  const origin = await appliance.origin();
  const viewer = await ViewerPage.open(browser, origin);
  const lancast = await LancastWatch.open(origin);
  await viewer.state('offline');
  t.equal((await lancast.until(({ live }) => !live)).streamInfo, undefined, 'LANCast says offline');

  const pressedAtMs = Date.now();
  await appliance.press();
  const live = await lancast.until(({ live }) => live);
  t.match(live.streamInfo, { resolution: '640x360', bitrate: 3_000 });
  t.ok(Date.parse(live.streamInfo?.startTime ?? '') >= pressedAtMs, 'it began with the press');
  await viewer.state('live', 'webrtc');
  const first = await viewer.pictureAfter(pressedAtMs);
  t.ok(
    inTime(first.atMs - pressedAtMs, 3_000),
    `press to pictures in the page: ${first.atMs - pressedAtMs} ms`,
  );

  const pictures = await viewer.nextPictures(60);
  const frames = pictures.map(({ frame }) => frame);
  t.notOk(frames.includes(null), 'the stamp is readable in every picture');
  const steps = frames.slice(1).map((frame, at) => (frame ?? 0) - (frames[at] ?? 0));
  t.ok(Math.min(...steps) >= 0, 'the burnt-in counter never goes back');
  t.ok(new Set(frames).size >= 50, `different pictures out of 60: ${new Set(frames).size}`);
  const delaysMs = pictures.map(({ atMs, clockMs }) => atMs - (clockMs ?? 0)).sort((a, b) => a - b);
  const delayMs = delaysMs[30] ?? 0;
  t.ok(delayMs > 0 && inTime(delayMs, 1_000), `delay from the burnt-in clock: ${delayMs} ms`);

  // A page that had to wait for pictures may have begun another session, which counts from 0.
  while ((await viewer.received()).framesDecoded < 15) await viewer.nextPictures(5);
  t.pass('getStats counts decoded frames');
  await viewer.page.click('#sound');
  t.ok((await viewer.sound()) > 0.02, 'the beep is heard from the picture element');
  while ((await viewer.received()).audioEnergy === 0) await viewer.nextPictures(5);
  t.pass('getStats hears it as well');
  t.equal(await viewer.text('viewers'), '2', 'the page and the LANCast client');

  await appliance.press();
  await lancast.until(({ live }) => !live);
  await viewer.state('offline');
  await appliance.press();
  const againAtMs = Date.now();
  await viewer.state('live', 'webrtc');
  const again = await viewer.pictureAfter(againAtMs);
  t.comment(`second press to pictures: ${again.atMs - againAtMs} ms`);
  t.same(viewer.problems, []);
  lancast.close();
  await viewer.close();
});

t.test(
  'joining a broadcast, by IPv4, by IPv6, and as onair.local, where the page has no secure context',
  async (t) => {
    const origin = await appliance.origin();
    const { port } = new URL(origin);
    for (const place of [origin, `http://[::1]:${port}`, `http://onair.local:${port}`]) {
      const viewer = await ViewerPage.open(browser, place);
      await viewer.state('live', 'webrtc');
      const [picture] = await viewer.picturesSince(viewer.openedAtMs);
      const joinMs = (picture?.atMs ?? Number.NaN) - viewer.openedAtMs;
      t.ok(inTime(joinMs, 3_000), `join to first picture at ${new URL(place).hostname}: ${joinMs} ms`);
      await viewer.pictureAfter(viewer.openedAtMs);
      t.equal(await viewer.page.evaluate('isSecureContext'), !place.includes('onair.local'));
      t.equal(viewer.whepPosts, 1, 'one offer was enough');
      t.same(viewer.problems, []);
      await viewer.close();
    }
  },
);

/** A process' UDP ports on 127.0.0.1: any program can list those of the whole machine so. */
async function loopbackPorts(pid: number): Promise<number[]> {
  const own = new Set<string>();
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))?.[1];
    if (inode) own.add(inode);
  }
  const lines = (await readFile('/proc/net/udp', 'utf8')).trim().split('\n').slice(1);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words[1]?.startsWith('0100007F:') && own.has(words[9] ?? ''))
    .map((words) => Number.parseInt(words[1]?.split(':')[1] ?? '', 16));
}

t.test('another program that sends RTP to the same ports spoils no picture', async (t) => {
  const pid = (await appliance.status()).daemons.egress?.pid ?? 0;
  const ports = await loopbackPorts(pid);
  t.ok(ports.length >= 2, `egress takes RTP on loopback: ${ports.join(', ')}`);
  const viewer = await ViewerPage.open(browser, await appliance.origin());
  await viewer.state('live', 'webrtc');
  await viewer.nextPictures(5);
  const socket = createSocket('udp4');
  let sequence = 0;
  const injecting = setInterval(() => {
    for (const payloadType of [96, 111]) {
      const timestamp = sequence * 1_000;
      // An IDR slice of nonsense, under one stream's name.
      const packet = rtpPacket(Buffer.alloc(600, 0x65), { sequence, timestamp, marker: true, payloadType });
      for (const port of ports) socket.send(packet, port, '127.0.0.1');
    }
    sequence += 1;
  }, 20);
  t.teardown(() => {
    clearInterval(injecting);
    socket.close();
  });
  const frames = (await viewer.nextPictures(60)).map(({ frame }) => frame);
  t.notOk(frames.includes(null), 'the stamp is readable in every picture');
  const steps = frames.slice(1).map((frame, at) => (frame ?? 0) - (frames[at] ?? 0));
  t.ok(Math.min(...steps) >= 0, 'the burnt-in counter never goes back');
  // A slow machine paints each of them more than once.
  t.ok(new Set(frames).size >= 10, `different pictures out of 60: ${new Set(frames).size}`);
  t.match(
    await readFile(join(appliance.stateDirectory, 'logs', 'egress.log'), 'utf8'),
    'input ports: refused',
  );
  t.same(viewer.problems, []);
  await viewer.close();
});
