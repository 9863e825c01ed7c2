import t from 'tap';
import { PublishedName } from '#control/network/published-name.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { keepingLogger } from '#test/support/link-pair.ts';

/** Avahi as the test says it is, and a system that takes the names it is asked for. */
function published(options: { claims?: boolean } = {}) {
  const clock = new DrivenClock();
  const { logger } = keepingLogger();
  const world = { name: null as string | null, holders: new Map<string, string>(), asked: [] as string[] };
  const heard: (string | null)[] = [];
  const name = new PublishedName({
    avahi: {
      hostName: async () => world.name,
      addressOf: async (wanted) => world.holders.get(wanted) ?? null,
    },
    wanted: () => 'onair',
    claim: options.claims === false ? null : async (wanted) => void world.asked.push(wanted),
    ownAddresses: () => ['192.0.2.7'],
    clock,
    logger,
  });
  name.events.on('nameChanged', ({ name: now }) => void heard.push(now));
  /** Time passes, and all that was asked meanwhile is answered. */
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  t.teardown(() => name.close());
  return { name, world, heard, pass };
}

t.test('the name is what avahi says, and a change of it is told once', async (t) => {
  const { name, world, heard, pass } = published();
  name.start();
  await name.look();
  t.equal(name.current, null);
  world.name = 'onair';
  await pass(62);
  t.equal(name.current, 'onair', 'an avahi that comes late is found');
  await pass(60);
  world.name = 'onair-2';
  await pass(11);
  t.equal(name.current, 'onair-2');
  world.name = null;
  await pass(11);
  t.equal(name.current, null);
  t.same(heard, ['onair', 'onair-2', null]);
});

t.test('a name that nobody has is claimed again; one that somebody has is left alone', async (t) => {
  const { name, world, pass } = published();
  world.name = 'onair-2';
  world.holders.set('onair', '192.0.2.99');
  name.start();
  await name.look();
  await pass(600);
  t.same(world.asked, [], 'another box has it');
  world.holders.clear();
  await pass(700);
  t.ok(world.asked.length >= 1 && world.asked.every((asked) => asked === 'onair'));
  world.name = 'onair';
  await pass(20);
  const claims = world.asked.length;
  await pass(2_000);
  t.equal(world.asked.length, claims, 'what it has it does not claim');
});

t.test('its own echo is nobody', async (t) => {
  const { name, world, pass } = published();
  world.name = 'onair-3';
  world.holders.set('onair', '192.0.2.7');
  name.start();
  await name.look();
  await pass(50);
  t.same(world.asked, [], 'not at once: renames come in pairs');
  await pass(30);
  t.same(world.asked, ['onair']);
});

t.test('a setting is applied at once, and the demo claims nothing', async (t) => {
  const box = published();
  box.world.name = 'old';
  await box.name.apply();
  t.same(box.world.asked, ['onair']);
  const demo = published({ claims: false });
  demo.world.name = 'desk';
  demo.name.start();
  await demo.name.look();
  await demo.pass(700);
  t.equal(demo.name.current, 'desk');
  t.same(demo.world.asked, []);
});
