import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DesiredStore } from '#control/broadcast/desired-store.ts';
import { Pairing } from '#control/domain/pairing.ts';
import { PanelDesk } from '#control/panel/panel-desk.ts';
import type { SettingsStore } from '#control/settings/settings-store.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { FingerprintPlace } from '#core/protocol/endpoints/certificate.ts';
import { FakeDaemon } from '#test/support/fake-daemon.ts';
import { hubOfFakes } from '#test/support/hub-of-fakes.ts';
import { keepingLogger } from '#test/support/link-pair.ts';

/** A panel at its desk; `press` answers with what the panel is told of it. */
function atDesk() {
  const hub = hubOfFakes();
  let proof: FingerprintPlace | null = null;
  let resets = 0;
  let forgotten = 0;
  const pairing = new Pairing({
    clock: hub.clock,
    newCode: () => '123456',
    sameSecret: (one, other) => one === other,
  });
  const settings = {
    events: new EventHub<{ settingsChanged: object }>(),
    reset: async () => {
      resets += 1;
    },
  };
  const desk = new PanelDesk({
    ...hub,
    settingsStore: settings as unknown as SettingsStore,
    pairing,
    proof: () => proof,
    forgetOperators: async () => {
      forgotten += 1;
    },
    conditions: () => [],
    board: () => hub.state.settings.panel.board,
  });
  desk.start();
  const panel = new FakeDaemon('panel', hub.link).join();
  hub.egress.join();
  hub.media.join();
  hub.pipeline('idle');
  panel.told();
  const press = async (pressId: string, kind = 'short', ageMs = 80) => {
    panel.say('panel_button', { pressId, press: kind, ageMs });
    await new Promise((resolve) => setImmediate(resolve));
    return panel.told('panel_button_ack').map(({ payload }) => payload);
  };
  const prove = (place: FingerprintPlace | null): void => {
    proof = place;
    desk.tell();
  };
  return {
    ...hub,
    prove,
    desk,
    panel,
    press,
    settings,
    pairing,
    resets: () => resets,
    forgotten: () => forgotten,
  };
}

t.test('a press takes it live, the next one stops, the next one goes live again', async (t) => {
  const { broadcast, press, pipeline } = atDesk();
  t.same(await press('a'), [{ pressId: 'a', action: 'start', problem: null }]);
  t.equal(broadcast.snapshot.state, 'starting');
  t.same(await press('b'), [{ pressId: 'b', action: 'stop', problem: null }]);
  t.equal(broadcast.snapshot.state, 'stopping');
  pipeline('idle');
  await press('c');
  t.equal(broadcast.snapshot.state, 'starting');
});

t.test('a press in the failed state tries again; in retrying it stops', async (t) => {
  const { broadcast, press, pipeline, part, flow } = atDesk();
  const reason = { code: 'no-camera', message: 'None.', action: 'Plug one in.' };
  await press('a');
  pipeline('refused', reason);
  t.equal(broadcast.snapshot.state, 'failed');
  await press('b');
  t.equal(broadcast.snapshot.state, 'starting');
  pipeline('starting');
  flow(true);
  part();
  t.equal(broadcast.snapshot.state, 'live');
  pipeline('retrying', reason);
  t.same(await press('c'), [{ pressId: 'c', action: 'stop', problem: null }]);
  t.equal(broadcast.wanted, false);
});

t.test('a press that is sent again is answered again and acted on once', async (t) => {
  const { broadcast, press } = atDesk();
  await press('a');
  t.same(await press('a'), [{ pressId: 'a', action: 'done-before', problem: null }]);
  t.same(await press('a', 'very-long'), [{ pressId: 'a', action: 'done-before', problem: null }]);
  t.equal(broadcast.snapshot.state, 'starting');
  for (let other = 0; other < 100; other += 1) await press(`other-${other}`, 'long');
  t.match((await press('other-99', 'long'))[0], { action: 'done-before' });
});

t.test('a press that is 5 s old is a problem instead of a surprise', async (t) => {
  const { broadcast, press } = atDesk();
  t.match(await press('a', 'short', 5_001), [{ action: 'none', problem: { code: 'press-expired' } }]);
  t.equal(broadcast.snapshot.state, 'offline');
  t.match(await press('b', 'short', 5_000), [{ action: 'start' }]);
});

t.test('very long resets the settings, and says so where that fails', async (t) => {
  const { broadcast, press, resets, forgotten, settings } = atDesk();
  t.same(await press('a', 'very-long'), [{ pressId: 'a', action: 'settings-reset', problem: null }]);
  t.equal(resets(), 1);
  t.equal(forgotten(), 1, 'and nobody operates it any more');
  t.equal(broadcast.snapshot.state, 'offline');
  settings.reset = () => Promise.reject(new OnairError('unavailable', 'Not stored.', { action: 'Look.' }));
  t.match(await press('b', 'very-long'), [
    { problem: { code: 'reset-failed', message: 'Not stored.', action: 'Look.' } },
  ]);
});

t.test('while somebody asks to become operator only a long press answers that', async (t) => {
  const { desk, panel, press, pairing, clock } = atDesk();
  const shown = () => {
    const [latest] = panel.told('panel_state').slice(-1);
    return latest?.payload.pairing;
  };
  const wait = pairing.ask('kim');
  t.equal(shown(), true, 'the lights say so at once');
  t.match(await press('a', 'short', 0), [{ action: 'start' }], 'a press to go live goes live');
  t.match(await press('b', 'short', 0), [{ action: 'stop' }]);
  t.equal(pairing.snapshot.waiting, true, 'and lets nobody in');
  clock.advance(3_000);
  t.same(await press('c', 'long', 0), [{ pressId: 'c', action: 'pairing-confirmed', problem: null }]);
  t.equal(await wait?.outcome, 'granted');
  desk.tell();
  t.equal(shown(), false);
  t.match(await press('d', 'long', 0), [{ action: 'pairing-window-opened', problem: null }]);
  desk.tell();
  t.equal(shown(), true);
  t.match(await press('e', 'short', 0), [{ action: 'start' }], 'nor does it shut the door');
  t.equal(pairing.snapshot.windowOpen, true);
  clock.advance(10_000);
  t.match(await press('f', 'long', 6_000), [{ problem: { code: 'press-expired' } }]);
  pairing.close();
});

t.test('the panel is told at once, at each change, and twice a second while live', async (t) => {
  const { broadcast, audience, clock, panel, pipeline, part, flow, play } = atDesk();
  const states = (): unknown[] => panel.told('panel_state').map(({ payload }) => payload);
  panel.leave();
  panel.join();
  t.same(states(), [
    {
      ...{ state: 'offline', reason: null, advancing: false, viewers: 0, pairing: false, proof: null },
      conditions: [],
    },
  ]);
  broadcast.start();
  t.match(states(), [{ state: 'starting' }]);
  pipeline('starting');
  flow(true);
  part();
  t.match(states().at(-1), { state: 'live', advancing: true });
  audience.enter('anna', 'lancast');
  t.match(states(), [{ viewers: 1 }]);
  play(2_000);
  t.ok(states().length >= 4, 'it hears at least twice a second that this is still true');
  flow(false);
  t.match(states().at(-1), { state: 'live', advancing: false });
  broadcast.stop();
  states();
  clock.advance(1_000);
  t.ok(states().length <= 1, 'and is left alone while nothing is on air');
});

function storeIn(t: Test, folder = t.testdir(), resume = false) {
  const { logger, kept } = keepingLogger();
  const path = join(folder, 'desired.json');
  const lastingPath = join(folder, 'lasting', 'on-air.json');
  const store = new DesiredStore({ path, lastingPath, resumeOnBoot: () => resume, logger });
  return { store, path, folder, kept, lastingPath };
}

t.test('what is wanted survives a crash', async (t) => {
  const { store, path, folder } = storeIn(t);
  const nothing = { live: false, startTime: null };
  t.same(await store.load(), nothing);
  const wanted = { live: true, startTime: '2026-01-02T03:04:05.000Z' };
  await Promise.all([store.save(nothing), store.save(wanted)]);
  t.same(await storeIn(t, folder).store.load(), wanted);
  t.same(await readdir(folder), ['desired.json', 'lasting']);
  for (const torn of ['', '{"live":tr', '[]', '{"live":1}', '{"live":true,"startTime":"yesterday"}']) {
    await writeFile(path, torn);
    t.same(await store.load(), nothing, `nothing is wanted by ${torn || 'an empty file'}`);
  }
});

t.test('a reboot in mid-broadcast is resumed where that is set, and only then', async (t) => {
  const { store, path, folder, lastingPath } = storeIn(t);
  await store.save({ live: true, startTime: '2026-01-02T03:04:05.000Z' });
  await rm(path); // the runtime directory lives in memory
  t.same(await storeIn(t, folder).store.load(), { live: false, startTime: null });
  t.same(await storeIn(t, folder, true).store.load(), { live: true, startTime: null }, 'as a new broadcast');
  await store.save({ live: false, startTime: null });
  await rm(path);
  t.same(
    await storeIn(t, folder, true).store.load(),
    { live: false, startTime: null },
    'it was stopped before',
  );
  await writeFile(lastingPath, '{"live":');
  await rm(`${lastingPath}.bak`, { force: true });
  t.same(await storeIn(t, folder, true).store.load(), { live: false, startTime: null }, 'a torn file');
});

t.test('what cannot be stored is logged, and the next one is stored again', async (t) => {
  const { store, path, kept } = storeIn(t, join(t.testdir(), 'not', 'yet'));
  await store.save({ live: true, startTime: null });
  t.match(kept, [/could not be stored/]);
  await mkdir(join(path, '..'), { recursive: true });
  await store.save({ live: true, startTime: null });
  t.same(JSON.parse(await readFile(path, 'utf8')), { live: true, startTime: null });
});

t.test(
  'the panel hears which board it is to run on: when it comes, and when the setting changes',
  async (t) => {
    const hub = atDesk();
    const panel = new FakeDaemon('panel', hub.link).join();
    t.match(panel.told('panel_configure'), [{ payload: { board: 'auto' } }]);
    hub.settings.events.emit('settingsChanged', {});
    t.same(panel.told('panel_configure'), [], 'it knows');
    hub.state.settings = { ...hub.state.settings, panel: { board: 'pi-4' } };
    hub.settings.events.emit('settingsChanged', {});
    t.match(panel.told('panel_configure'), [{ payload: { board: 'pi-4' } }]);
  },
);

t.test(
  'the lights are told that a proof is asked for, and then what to flash; it is no pairing',
  async (t) => {
    const { panel, press, pairing, prove, clock, broadcast } = atDesk();
    const latest = () => panel.told('panel_state').at(-1)?.payload;
    const wait = pairing.ask('kim', 'prove');
    t.match(latest(), { pairing: false, proof: 'asked' });
    clock.advance(5_000);
    t.match(await press('a', 'long'), [{ action: 'proof-confirmed', problem: null }]);
    t.equal(await wait?.outcome, 'granted');
    prove({ row: 3, column: 5, digit: 7 });
    t.match(latest(), { pairing: false, proof: { row: 3, column: 5, digit: 7 } });
    prove(null);
    t.match(latest(), { proof: null });
    t.equal(broadcast.snapshot.state, 'offline');
  },
);
