import t, { type Test } from 'tap';
import { CheckListener } from '../../conformance/check-listener.ts';
import { checkOnce } from '../../conformance/stun.ts';

const ice = { ufrag: 'client', pwd: 'p'.repeat(24) };

/** A check of ours, as a server's own: the listener does not answer. */
async function heard(t: Test, change: { ufrag?: string; pwd?: string; role?: 'controlling' | 'controlled' }) {
  const listener = await CheckListener.start(ice);
  t.teardown(() => listener.close());
  const [, , transport, , address = '', port = ''] = (listener.candidates[0] ?? '').split(' ');
  t.equal(transport, 'udp');
  const asked = { address, port: Number(port), ...ice, ownUfrag: 'server', role: 'controlled' as const };
  await checkOnce({ ...asked, ...change, timeoutMs: 200 });
  return await listener.first(1_000);
}

t.test('a check that is right lacks nothing', async (t) => {
  const check = await heard(t, {});
  t.match(check, { username: 'client:server', lacks: [] });
});

t.test('what a check has not is named', async (t) => {
  t.same((await heard(t, { pwd: 'x'.repeat(24) }))?.lacks, ['MESSAGE-INTEGRITY']);
  t.same((await heard(t, { ufrag: 'another' }))?.lacks, ['USERNAME']);
  t.same((await heard(t, { role: 'controlling' }))?.lacks, ['ICE-CONTROLLED']);
});

t.test('silence is null', async (t) => {
  const listener = await CheckListener.start(ice);
  t.teardown(() => listener.close());
  t.equal(await listener.first(50), null);
});
