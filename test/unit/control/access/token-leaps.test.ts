import { join } from 'node:path';
import t from 'tap';
import { TokenKeeper } from '#control/access/token-keeper.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const claims = { viewerId: '550e8400-e29b-41d4-a716-446655440000', streamId: 's' };

t.test(
  'a token outlives a wall clock that is set by years, and ends after its hour all the same',
  async (t) => {
    for (const wallMs of [0, Date.UTC(1999, 0, 1), Date.UTC(2046, 0, 1)]) {
      const clock = new DrivenClock();
      const tokens = new TokenKeeper({ path: join(t.testdir(), 'token.key'), clock });
      await tokens.start();
      const { token } = await tokens.issue(claims);
      clock.setWall(wallMs);
      t.match(await tokens.verify(token), claims);
      clock.advance(3_599_000);
      t.match(await tokens.verify(token), claims);
      clock.advance(1_000);
      await t.rejects(tokens.verify(token), { code: 'unauthorized', message: 'The token has expired.' });
    }
  },
);

t.test('a token of another run of the machine ends by the wall clock', async (t) => {
  const folder = t.testdir();
  const clock = new DrivenClock();
  const tokens = new TokenKeeper({ path: join(folder, 'token.key'), clock });
  await tokens.start();
  const { token } = await tokens.issue(claims);
  const later = new TokenKeeper({ path: join(folder, 'token.key'), clock });
  await later.start();
  t.match(await later.verify(token), claims, 'control has restarted in the same run');
  const other = new TokenKeeper({ path: join(folder, 'token.key'), clock });
  await other.agree(
    async () => await import('node:fs/promises').then(({ readFile }) => readFile(join(folder, 'token.key'))),
  );
  t.match(await other.verify(token), claims);
  clock.setWall(Date.UTC(2046, 0, 1));
  await t.rejects(other.verify(token), { code: 'unauthorized' });
});
