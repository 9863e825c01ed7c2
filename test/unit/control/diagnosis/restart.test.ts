import t from 'tap';
import { ask } from '#test/support/ask.ts';
import { boxCare } from '#test/support/box-care.ts';
import { FakeDaemon } from '#test/support/fake-daemon.ts';
import { json } from '#test/support/web-routes.ts';

t.setTimeout(30_000);

t.test('the services start anew, control last', async (t) => {
  const { clock, link, media, egress, did, linkUrl, url } = await boxCare(t);
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
  const { clock, media, egress, did, linkUrl } = await boxCare(t);
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
    const demo = await boxCare(t);
    const post = (to: string) =>
      ask('POST', `${to}/api/v1/restart`, { headers: json, body: '{"what":"box"}' });
    t.equal((await post(demo.linkUrl)).status, 202);
    while (demo.did.length < 2) await new Promise((resolve) => setImmediate(resolve));
    t.same(demo.did, ['forgotten', 'ended']);
    let asked = 0;
    const box = await boxCare(t, {
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
