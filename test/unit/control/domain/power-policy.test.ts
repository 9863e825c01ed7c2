import t from 'tap';
import {
  boardHeatLimits,
  type PowerFigures,
  PowerPolicy,
  type PowerState,
  PowerWatch,
} from '#control/domain/power-policy.ts';
import { lowestRung, qualityRungs, videoOnRung } from '#control/domain/quality-rungs.ts';
import { initialSettings, settingsSchema } from '#core/domain/settings.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const healthy: PowerFigures = {
  batteryPercent: null,
  charging: null,
  temperatureCelsius: 50,
  throttled: false,
  underVoltage: false,
};

/** What the policy says at each second of a curve; between two of its points figures go on evenly. */
function follow(points: [atSeconds: number, figures: Partial<PowerFigures>][]): PowerState[] {
  const policy = new PowerPolicy({ limits: boardHeatLimits, lowestRung });
  const states: PowerState[] = [];
  const last = points.at(-1)?.[0] ?? 0;
  for (let second = 0; second <= last; second += 1) {
    states.push(policy.observe(at(points, second), second * 1_000));
  }
  return states;
}

function at(points: [number, Partial<PowerFigures>][], second: number): PowerFigures {
  const next = points.findIndex(([start]) => start > second);
  const [from, before] = points[next === -1 ? points.length - 1 : next - 1] ?? [0, {}];
  const [to, after] = points[next === -1 ? points.length - 1 : next] ?? [0, {}];
  const share = to === from ? 0 : (second - from) / (to - from);
  const between = (one: number | null | undefined, other: number | null | undefined): number | null =>
    one == null || other == null ? (one ?? null) : one + (other - one) * share;
  return {
    ...healthy,
    ...before,
    temperatureCelsius: between(before.temperatureCelsius ?? 50, after.temperatureCelsius ?? 50),
    batteryPercent: between(before.batteryPercent, after.batteryPercent),
  };
}

const rungsOf = (states: PowerState[]): number[] =>
  states.map(({ rung }) => rung).filter((rung, index, all) => rung !== all[index - 1]);

t.test(
  'a board without a fan heats up while encoding: down before 80 °C, and up again once it has cooled',
  async (t) => {
    const states = follow([
      [0, { temperatureCelsius: 48 }],
      [300, { temperatureCelsius: 70 }],
      [600, { temperatureCelsius: 78 }],
      [640, { temperatureCelsius: 76 }],
      [900, { temperatureCelsius: 66 }],
      [1_200, { temperatureCelsius: 64 }],
    ]);
    const down = states.findIndex(({ rung }) => rung === 1);
    t.ok(down > 300 && down < 600, `stepped down at second ${down}, below 78 °C`);
    t.same(states[down]?.conditions, ['too-hot']);
    t.same(rungsOf(states), [0, 1, 2, 1, 0], 'a second step while it stays hot, then up rung by rung');
    const cooled = states.findIndex(({ conditions }, second) => second > down && conditions.length === 0);
    const up = states.findIndex(({ rung }, second) => second > cooled && rung === 1);
    t.ok(up - cooled >= 90, `up only ${up - cooled} s after it had cooled`);
  },
);

t.test('heat that swings around the limit does not swing the quality', async (t) => {
  const points: [number, Partial<PowerFigures>][] = [[0, { temperatureCelsius: 74 }]];
  for (let second = 10; second < 600; second += 10) {
    points.push([second, { temperatureCelsius: second % 20 === 0 ? 75 : 78 }]);
  }
  const rungs = rungsOf(follow(points));
  t.same(rungs, [0, 1, 2, 3], 'never up in between');
});

t.test('throttled without want of voltage is heat, also where no thermometer is', async (t) => {
  const states = follow([
    [0, { temperatureCelsius: null, throttled: true }],
    [3, { temperatureCelsius: null, throttled: true }],
  ]);
  t.same(states.at(-1), { rung: 1, conditions: ['too-hot'], exhausted: false });
});

t.test('want of voltage: down at once, down again while it lasts, and it is not called heat', async (t) => {
  const states = follow([
    [0, {}],
    [10, { underVoltage: true, throttled: true }],
    [70, { underVoltage: false }],
    [260, {}],
  ]);
  t.equal(states[10]?.rung, 1);
  t.same(states[10]?.conditions, ['under-voltage']);
  t.same(rungsOf(states), [0, 1, 2, 1, 0]);
});

t.test('a battery that runs down: one rung under 15 %, the end at 3 %', async (t) => {
  const states = follow([
    [0, { batteryPercent: 20, charging: false }],
    [1_700, { batteryPercent: 3, charging: false }],
    [1_800, { batteryPercent: 2, charging: false }],
  ]);
  t.same(rungsOf(states), [0, 1], 'an empty battery gets no fuller by more rungs');
  const low = states.findIndex(({ rung }) => rung === 1);
  t.equal(low, 501, 'just under 15 %');
  t.equal(
    states.findIndex(({ exhausted }) => exhausted),
    1_700,
  );
});

t.test('a charger ends it: no warning while charging, and quality comes back after a while', async (t) => {
  const states = follow([
    [0, { batteryPercent: 10, charging: false }],
    [100, { batteryPercent: 10, charging: true }],
    [189, { batteryPercent: 11, charging: true }],
    [195, { batteryPercent: 11, charging: true }],
  ]);
  t.same(states[99]?.conditions, ['battery-low']);
  t.same(states[100]?.conditions, []);
  t.equal(states[189]?.rung, 1);
  t.equal(states[191]?.rung, 0);
});

t.test('around 15 % and 3 % it does not flicker', async (t) => {
  const policy = new PowerPolicy({ limits: boardHeatLimits, lowestRung });
  const say = (batteryPercent: number) => policy.observe({ ...healthy, batteryPercent, charging: false }, 0);
  t.same(say(15).conditions, []);
  t.same(say(14).conditions, ['battery-low']);
  t.same(say(19).conditions, ['battery-low']);
  t.same(say(20).conditions, []);
  t.equal(say(3).exhausted, true);
  t.equal(say(5).exhausted, true);
  t.equal(say(6).exhausted, false);
});

t.test('a board that knows nothing of itself is left alone', async (t) => {
  const nothing = {
    batteryPercent: null,
    charging: null,
    temperatureCelsius: null,
    throttled: null,
    underVoltage: null,
  };
  const policy = new PowerPolicy({ limits: boardHeatLimits, lowestRung });
  t.same(policy.observe(nothing, 0), { rung: 0, conditions: [], exhausted: false });
});

t.test('each rung costs less than the one above, and stays a video that settings allow', async (t) => {
  const settings = initialSettings({ deviceId: 'box-1', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });
  const sizes = [
    { width: 1920, height: 1080, framesPerSecond: 60, bitrateKbps: 8_000 },
    { width: 1280, height: 720, framesPerSecond: 30, bitrateKbps: 3_000 },
    { width: 160, height: 120, framesPerSecond: 5, bitrateKbps: 100 },
  ];
  for (const size of sizes) {
    const set = { ...settings.video, ...size };
    t.same(videoOnRung(set, 0), set);
    for (const rung of qualityRungs.keys()) {
      const video = videoOnRung(set, rung);
      t.ok(settingsSchema.safeParse({ ...settings, video }).success, JSON.stringify(video));
      const above = videoOnRung(set, Math.max(0, rung - 1));
      const cost = (one: typeof video) => one.width * one.height * one.framesPerSecond * one.bitrateKbps;
      t.ok(rung === 0 || size.width === 160 || cost(video) < cost(above), `rung ${rung} of ${size.width}`);
    }
  }
});

t.test('the watch says what changes, once, and ends with close', async (t) => {
  const clock = new DrivenClock();
  let figures = healthy;
  const policy = new PowerPolicy({ limits: boardHeatLimits, lowestRung });
  const watch = new PowerWatch({ policy, figures: () => figures, clock });
  const heard: string[] = [];
  watch.events.on('powerChanged', ({ previous, current }) =>
    heard.push(`${previous.rung} to ${current.rung}: ${current.conditions}`),
  );
  watch.start();
  clock.advance(5_000);
  t.same(heard, []);
  figures = { ...healthy, temperatureCelsius: 79 };
  clock.advance(3_000);
  t.same(heard, ['0 to 1: too-hot']);
  watch.close();
  watch.close();
  t.equal(clock.timers, 0);
});
