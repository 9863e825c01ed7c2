import t from 'tap';
import { Audience } from '#control/domain/audience.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const audienceOf = (): Audience => new Audience({ clock: new DrivenClock(), max: 10 });

t.test('who is kicked loses every place at once, and stays out until the broadcast is over', (t) => {
  const audience = audienceOf();
  const ended: string[] = [];
  audience.enter('ada', 'lancast', { address: '10.0.0.2', displaced: () => ended.push('lancast') });
  audience.enter('ada', 'whep', { address: '10.0.0.2', displaced: () => ended.push('whep') });
  audience.touchHls('ada', { address: '10.0.0.2' });
  audience.enter('kim', 'whep', { address: '10.0.0.3' });
  t.same(
    audience.members.map(({ id, ways }) => [id, ways]),
    [
      ['ada', ['lancast', 'whep', 'hls']],
      ['kim', ['whep']],
    ],
  );
  audience.kick('ada');
  t.same(ended, ['lancast', 'whep']);
  t.equal(audience.viewers, 1);
  for (const way of ['lancast', 'nova', 'whep'] as const)
    t.throws(() => audience.enter('ada', way, { address: '10.0.0.9' }), { code: 'forbidden' }, way);
  t.throws(() => audience.touchHls('ada'), { code: 'forbidden' });
  t.throws(
    () => audience.enter('somebody', 'whep', { address: '10.0.0.2' }),
    { code: 'forbidden' },
    'another name from there',
  );
  t.equal(audience.isBanned('ada', ''), true);
  audience.pardonAll();
  audience.enter('ada', 'whep', { address: '10.0.0.2' });
  t.equal(audience.viewers, 2);
  t.end();
});

t.test('an address that others watch from stays open to them', (t) => {
  const audience = audienceOf();
  audience.enter('ada', 'whep', { address: '10.0.0.2' });
  audience.enter('kim', 'whep', { address: '10.0.0.2' });
  audience.kick('ada');
  t.equal(audience.isBanned('kim', '10.0.0.2'), false);
  t.throws(() => audience.enter('ada', 'whep', { address: '10.0.0.2' }), { code: 'forbidden' });
  t.end();
});

t.test('the box itself is never shut out by its address; who does not watch cannot be kicked', (t) => {
  const audience = audienceOf();
  audience.enter('ada', 'whep', { address: '::ffff:127.0.0.1' });
  audience.kick('ada');
  t.equal(audience.isBanned('kim', '::ffff:127.0.0.1'), false);
  t.throws(() => audience.kick('nobody'), { code: 'not-found' });
  t.end();
});
