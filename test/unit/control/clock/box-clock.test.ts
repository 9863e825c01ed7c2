import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { BoxClock } from '#control/clock/box-clock.ts';
import { SystemRequests } from '#control/network/system-requests.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { timeIsKnown } from '#core/runtime/known-time.ts';

import { DrivenClock } from '#test/support/driven-clock.ts';
import { keepingLogger } from '#test/support/link-pair.ts';

const madeMs = Date.UTC(2026, 10, 1);
const nowMs = Date.UTC(2026, 10, 30, 12);

/** A system of files, and a box in it whose clock shows `shownMs`. */
function scene(t: Test, { shownMs = nowMs, isCard = true } = {}) {
  const root = t.testdir({ requests: {}, ...(isCard ? { usr: { lib: { 'onair-image': {} } } } : {}) });
  const settings = initialSettings({ deviceId: 'box', streamId: '6f6e6169-0000-4000-8000-000000000001' });
  const clock = new DrivenClock();
  clock.setWall(shownMs);
  const boxClock = new BoxClock({
    requests: new SystemRequests({ directory: join(root, 'requests') }),
    settings: () => settings,
    setTimeZone: async (timeZone) => {
      settings.device.timeZone = timeZone;
      await boxClock.applyTimeZone();
    },
    notBeforeMs: madeMs,
    clock,
    logger: keepingLogger().logger,
    root,
  });
  const put = async (path: string, text = '') => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  const asked = async (name: string) =>
    (await readFile(join(root, 'requests', name), 'utf8').catch(() => '')).trim();
  return { boxClock, settings, put, asked, root };
}

t.test('a board that shows a time before it was made takes the operator’s', async (t) => {
  const { boxClock, asked } = scene(t, { shownMs: Date.UTC(2020, 0, 1) });
  t.same(await boxClock.tell({ unixMilliseconds: nowMs }), { time: true, timeZone: false });
  t.equal(await asked('clock'), String(nowMs));
});

t.test('one that goes on from a saved time does, until the network has told it', async (t) => {
  const { boxClock, put, asked, root } = scene(t);
  await put('run/systemd/timesync/clock');
  await put('sys/class/rtc/rtc0/since_epoch', '86400\n'); // its battery is empty
  t.same(await boxClock.tell({ unixMilliseconds: nowMs + 5_000 }), { time: true, timeZone: false });
  t.equal(await asked('clock'), String(nowMs + 5_000));
  await put('run/systemd/timesync/synchronized');
  t.same(await boxClock.tell({ unixMilliseconds: nowMs + 9_000 }), { time: false, timeZone: false });
  await rm(join(root, 'run/systemd/timesync/synchronized'));
  await put('run/onair-clock/told');
  t.same(await boxClock.tell({ unixMilliseconds: nowMs + 9_000 }), { time: false, timeZone: false }, 'once');
  t.equal(await asked('clock'), String(nowMs + 5_000));
});

t.test('a clock with a battery, or one that something else keeps, is believed', async (t) => {
  const { put, root } = scene(t);
  t.equal(timeIsKnown({ nowMs, notBeforeMs: madeMs, root }), true, 'not kept by systemd-timesyncd');
  await put('run/systemd/timesync/clock');
  t.equal(timeIsKnown({ nowMs, notBeforeMs: madeMs, root }), false);
  await put('sys/class/rtc/rtc0/since_epoch', `${nowMs / 1000}\n`);
  t.equal(timeIsKnown({ nowMs, notBeforeMs: madeMs, root }), true);
  t.equal(timeIsKnown({ nowMs: madeMs - 1, notBeforeMs: madeMs, root }), false);
});

t.test('a time before this version was made is none', async (t) => {
  const { boxClock, asked } = scene(t, { shownMs: 0 });
  t.same(await boxClock.tell({ unixMilliseconds: madeMs - 1 }), { time: false, timeZone: false });
  t.equal(await asked('clock'), '');
});

t.test('the zone is the first operator’s, and is asked for again at each start', async (t) => {
  const { boxClock, settings, asked } = scene(t);
  await boxClock.applyTimeZone();
  t.equal(await asked('time-zone'), '', 'nobody has said');
  t.same(await boxClock.tell({ unixMilliseconds: nowMs, timeZone: 'Europe/Berlin' }), {
    time: false,
    timeZone: true,
  });
  t.equal(await asked('time-zone'), 'Europe/Berlin');
  t.match(await boxClock.tell({ unixMilliseconds: nowMs, timeZone: 'America/Lima' }), { timeZone: false });
  t.equal(settings.device.timeZone, 'Europe/Berlin');
});

t.test('on a computer that is not only a box the zone stays its owner’s', async (t) => {
  const { boxClock, settings } = scene(t, { isCard: false });
  t.match(await boxClock.tell({ unixMilliseconds: nowMs, timeZone: 'Europe/Berlin' }), { timeZone: false });
  t.equal(settings.device.timeZone, null);
});
