import t from 'tap';
import { Appliance } from '../support/appliance.ts';

t.setTimeout(240_000);

const appliance = await Appliance.start({ settings: { video: { width: 320, height: 180 } } });
t.teardown(() => appliance.close());

t.test('a source that cannot be used: saved, not in use, because', async (t) => {
  const offline = await appliance.onair('settings', 'set', 'video.source', 'test');
  t.match(offline, { exitCode: 0, stdout: /was that already/ });
  t.equal((await appliance.onair('live')).exitCode, 0);
  const refused = await appliance.onair('settings', 'set', 'video.source', 'file:/nowhere/nope.mp4');
  t.equal(refused.exitCode, 1);
  t.match(
    refused.stderr,
    /video\.source is saved, not in use: The clip \/nowhere\/nope\.mp4 does not exist\. \w/,
  );
  t.notMatch(refused.stdout + refused.stderr, /in force/);
  t.match(await appliance.status(), { broadcast: { state: 'live' } }, 'the former pictures go on');

  const asked = await appliance.call('PATCH', '/api/v1/settings', {
    video: { source: 'file:/nowhere/another.mp4' },
    viewing: { pin: '2468' },
  });
  t.match(asked, {
    changed: ['video.source', 'viewing.pin'],
    confirmBy: null,
    notInUse: { code: 'clip-missing', message: /another\.mp4/, action: /\w/ },
  });
  const back = await appliance.onair('settings', 'set', 'video.source', 'test');
  t.match(back, { exitCode: 0, stdout: /video\.source is set, in force now/ });
  const other = await appliance.call('PATCH', '/api/v1/settings', { device: { name: 'Box' } });
  t.match(other, { notInUse: null }, 'what media does not use is not asked of it');
});
