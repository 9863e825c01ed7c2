import t from 'tap';
import { AccessPointPolicy, type NetworkFacts } from '#control/domain/access-point-policy.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const alone: NetworkFacts = {
  online: false,
  radio: true,
  allowed: true,
  joining: false,
  saved: 0,
  lastVisitMs: null,
};

/** Asks every 2 s, as the desk does, for so long. @returns the seconds at which the answer changed */
function drive(
  policy: AccessPointPolicy,
  clock: DrivenClock,
  seconds: number,
  facts: () => Partial<NetworkFacts> = () => ({}),
): number[] {
  const changes: number[] = [];
  let before = policy.decide({ ...alone, ...facts() });
  for (let second = 2; second <= seconds; second += 2) {
    clock.advance(2_000);
    const now = policy.decide({ ...alone, ...facts() });
    if (now !== before) changes.push(second);
    before = now;
  }
  return changes;
}

function policyAt() {
  const clock = new DrivenClock();
  return { clock, policy: new AccessPointPolicy({ clock }) };
}

t.test('60 s after the start without a network, and not before', async (t) => {
  const { clock, policy } = policyAt();
  t.same(drive(policy, clock, 600), [60]);
});

t.test('never with a network, without a radio, or where it is forbidden', async (t) => {
  for (const facts of [{ online: true }, { radio: false }, { allowed: false }]) {
    const { clock, policy } = policyAt();
    t.same(
      drive(policy, clock, 600, () => facts),
      [],
      JSON.stringify(facts),
    );
  }
});

t.test('gone as soon as there is a network: a cable will do', async (t) => {
  const { clock, policy } = policyAt();
  let online = false;
  t.same(
    drive(policy, clock, 90, () => ({ online })),
    [60],
  );
  online = true;
  t.same(
    drive(policy, clock, 10, () => ({ online })),
    [],
  );
  t.equal(policy.decide({ ...alone, online: true }), false);
});

t.test('a network that goes away may be a router that restarts: five minutes', async (t) => {
  const { clock, policy } = policyAt();
  t.equal(policy.decide({ ...alone, online: true }), false);
  clock.advance(2_000);
  t.same(drive(policy, clock, 900), [300]);
});

t.test('with saved networks it stops to listen for them, unless somebody uses it', async (t) => {
  const { clock, policy } = policyAt();
  t.same(
    drive(policy, clock, 450, () => ({ saved: 1 })),
    [60, 360, 390],
  );
  t.same(
    drive(policy, clock, 1_200, () => ({ saved: 1, lastVisitMs: clock.monotonicMs() })),
    [],
  );
});

t.test('a network that is being joined changes nothing meanwhile', async (t) => {
  const { clock, policy } = policyAt();
  t.same(
    drive(policy, clock, 120, () => ({ joining: true })),
    [],
  );
  t.equal(policy.decide(alone), true);
  t.equal(policy.decide({ ...alone, joining: true }), true);
});

t.test('one that is open already stays open', async (t) => {
  const { clock, policy } = policyAt();
  policy.adopt();
  t.same(drive(policy, clock, 100), []);
  t.equal(policy.decide(alone), true);
  t.equal(policy.decide({ ...alone, allowed: false }), false, 'until it is forbidden');
});
