import t, { type Test } from 'tap';
import { broadcastState } from '#core/domain/broadcast-state.ts';
import { type LightPattern, type LightState, mostlyLit, periodOf } from '#core/hardware/light/light.ts';
import { panelCondition } from '#core/protocol/link/panel.ts';
import { accessPoint, asides, lightTable, nobodyThere, proofRow } from '#panel/light-table.ts';
import { lightsFor, type PanelView } from '#panel/light-view.ts';

const calm: PanelView = {
  ...{ state: 'offline', advancing: false, viewers: 0, phase: 'released', problem: false },
  ...{ pairing: false, proof: null, conditions: [] },
};
const flowing = { state: 'live', advancing: true } as const;

/** Each thing that people must be able to tell from the others. */
const meanings: Record<string, Partial<PanelView>> = {
  'starting up': { state: null },
  ready: { state: 'offline' },
  'going live': { state: 'starting' },
  'live, nobody watches': flowing,
  'live, watched': { ...flowing, viewers: 3 },
  'pictures are missing': { state: 'retrying' },
  'going live failed': { state: 'failed' },
  'a press did nothing': { problem: true },
  'settings are about to be reset': { phase: 'warning' },
  'somebody asks to become operator': { pairing: true },
  'a page asks for a proof': { proof: 'asked' },
  'row 1, column 2, a 3': { proof: { row: 1, column: 2, digit: 3 } },
  'row 2, column 1, a 3': { proof: { row: 2, column: 1, digit: 3 } },
  ...warnings('', {}),
  'it is its own network': { conditions: ['access-point'] },
  ...warnings('live, and ', { ...flowing, viewers: 1 }),
};
/** On two lights there is room for both. */
const withTwo: Record<string, Partial<PanelView>> = {
  ...meanings,
  ...warnings('pictures are missing, and ', { state: 'retrying' }),
  ...warnings('going live failed, and ', { state: 'failed' }),
  'live, and somebody asks to become operator': { ...flowing, pairing: true },
  'live, and a page asks for a proof': { ...flowing, proof: 'asked' },
};

function warnings(before: string, view: Partial<PanelView>): Record<string, Partial<PanelView>> {
  return {
    [`${before}no network`]: { ...view, conditions: ['no-network'] },
    [`${before}too hot or too little power`]: { ...view, conditions: ['under-voltage'] },
    [`${before}battery low`]: { ...view, conditions: ['battery-low'] },
    [`${before}settings wrong`]: { ...view, conditions: ['settings-wrong'] },
  };
}

function unlike(t: Test, views: Record<string, Partial<PanelView>>, count: 1 | 2): void {
  const seen = new Map<string, string>([
    [[nobodyThere, count === 2 ? nobodyThere : 'off'].map(String).sort().join(' and '), 'nobody is there'],
  ]);
  for (const [meaning, change] of Object.entries(views)) {
    const { red, green } = lightsFor({ ...calm, ...change }, count);
    const colourless = [String(red), String(green)].sort().join(' and ');
    t.notOk(seen.get(colourless), `${meaning}: ${colourless}`);
    seen.set(colourless, meaning);
  }
}

t.test('on two lights all are told apart, also by who cannot tell which of them is which', (t) => {
  unlike(t, withTwo, 2);
  t.end();
});

t.test('on one light, too', (t) => {
  unlike(t, meanings, 1);
  for (const change of Object.values(withTwo)) t.equal(lightsFor({ ...calm, ...change }, 1).green, 'off');
  t.end();
});

t.test('too hot and under-voltage are the same to whoever stands before it; the worst comes first', (t) => {
  const green = (...conditions: PanelView['conditions']) => lightsFor({ ...calm, conditions }).green;
  t.same(green('too-hot'), green('under-voltage'));
  t.same(green('no-network', 'settings-wrong', 'too-hot', 'battery-low'), asides.battery.green);
  t.same(green('no-network', 'settings-wrong', 'too-hot'), asides.power.green);
  t.same(green('access-point', 'no-network'), asides.network.green);
  t.same(lightsFor({ ...calm, pairing: true, conditions: ['battery-low'] }).green, asides.pairing.green);
  const onAir = { ...calm, ...flowing, conditions: ['access-point'] } as const;
  t.same(lightsFor(onAir), lightsFor({ ...onAir, conditions: [] }), 'its own network is no fault on air');
  t.end();
});

const longestProof = { row: 8, column: 8, digit: 9 };

/** Every view there can be. */
function* everyView(): Generator<PanelView> {
  for (const state of [null, ...broadcastState.options])
    for (const advancing of [true, false])
      for (const viewers of [0, 1, 10_000])
        for (const phase of ['released', 'held', 'warning'] as const)
          for (const problem of [true, false])
            for (const asked of [{}, { pairing: true }, { proof: 'asked' as const }, { proof: longestProof }])
              for (const condition of [null, ...panelCondition.options])
                yield {
                  ...{ ...calm, state, advancing, viewers, phase, problem, ...asked },
                  conditions: condition === null ? [] : [condition],
                };
}

/** The most flashes that begin within any one second. */
function flashesInASecond(pattern: LightPattern): number {
  if (typeof pattern === 'string') return 0;
  const begins: number[] = [];
  for (let atMs = 0; atMs < 2 * periodOf(pattern) + 2_000; atMs += periodOf(pattern)) {
    let stepMs = atMs;
    for (const [index, ms] of pattern.entries()) {
      if (index % 2 === 0) begins.push(stepMs);
      stepMs += ms;
    }
  }
  return Math.max(...begins.map((from) => begins.filter((at) => at >= from && at < from + 1_000).length));
}

t.test('no light flashes more than three times in any second, whatever it says', (t) => {
  const rows = Object.values(lightTable).flatMap(({ red, green, one }): LightPattern[] => [red, green, one]);
  const beside = Object.values(asides).flatMap(({ green, onAir }): LightPattern[] => [green, onAir]);
  for (const pattern of [...rows, ...beside, accessPoint.green, nobodyThere, proofRow(longestProof).green]) {
    t.ok(flashesInASecond(pattern) <= 3, String(pattern));
    if (typeof pattern !== 'string') t.equal(pattern.length % 2, 0, 'as often dark as lit');
  }
  t.equal(flashesInASecond([100, 200]), 4, 'it does count');
  t.end();
});

t.test('a proof flashes row, column and digit, each to be counted', (t) => {
  const { green } = lightsFor({ ...calm, proof: { row: 1, column: 2, digit: 3 } });
  const flash = (darkMs: number) => [300, darkMs];
  t.same(green, [
    ...[1_500, 1_500],
    ...flash(2_000),
    ...[...flash(400), ...flash(2_000)],
    ...[...flash(400), ...flash(400), ...flash(5_000)],
  ]);
  t.equal(lightsFor({ ...calm, pairing: true, proof: 'asked' }).green, asides.pairing.green);
  t.end();
});

t.test('steady red means live with pictures that flow, and that is always shown so', (t) => {
  for (const view of everyView()) {
    const flows = view.state === 'live' && view.advancing;
    const covered = view.problem || view.phase === 'warning';
    if ((lightsFor(view).red === 'on') !== (flows && !covered)) t.fail(JSON.stringify(view));
    if (mostlyLit(lightsFor(view).red) && !flows) t.fail(`nearly: ${JSON.stringify(view)}`);
    // One light that is lit for the most part says live as well; a question for the button, and its answer, interrupt it.
    const { red: one } = lightsFor(view, 1);
    if (mostlyLit(one) && !(flows && !covered)) t.fail(`on one light: ${JSON.stringify(view)}`);
    const interrupted = view.pairing || view.proof !== null;
    if (flows && !covered && !interrupted && !mostlyLit(one)) t.fail(`not on one: ${JSON.stringify(view)}`);
  }
  t.end();
});

t.test('holding the button changes nothing before the warning, and nothing hides the warning', (t) => {
  const { red, green, one } = lightTable.reset;
  for (const view of everyView()) {
    if (view.phase === 'held') t.same(lightsFor(view), lightsFor({ ...view, phase: 'released' }));
    if (view.phase !== 'warning') continue;
    const shown: LightState[] = [lightsFor(view), lightsFor(view, 1)];
    t.same(shown, [
      { red, green },
      { red: one, green: 'off' },
    ]);
  }
  t.end();
});
