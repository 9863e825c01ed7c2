import t from 'tap';
import { broadcastState } from '#core/domain/broadcast-state.ts';
import type { LightPattern, LightState } from '#core/hardware/light/light.ts';
import { lightsFor, type PanelView } from '#panel/light-table.ts';

const calm: PanelView = { state: 'offline', advancing: false, viewers: 0, phase: 'released', problem: false };
const show = (change: Partial<PanelView>): LightState => lightsFor({ ...calm, ...change });

/** Each thing that people must be able to tell from the others. */
const meanings: Record<string, LightState> = {
  'control is away': show({ state: null }),
  ready: show({ state: 'offline' }),
  starting: show({ state: 'starting' }),
  stopping: show({ state: 'stopping' }),
  'live, nobody watches': show({ state: 'live', advancing: true }),
  'live, watched': show({ state: 'live', advancing: true, viewers: 3 }),
  'pictures are missing': show({ state: 'retrying' }),
  'going live failed': show({ state: 'failed' }),
  'a press did nothing': show({ problem: true }),
  'settings are about to be reset': show({ phase: 'warning' }),
};

const patternText = (pattern: LightPattern): string =>
  typeof pattern === 'string' ? pattern : `${pattern.flashes} in ${pattern.periodMs}`;

t.test('all are told apart, also by who cannot tell which of the lights is which', (t) => {
  const seen = new Map<string, string>();
  for (const [meaning, { red, green }] of Object.entries(meanings)) {
    const colourless = [patternText(red), patternText(green)].sort().join(' and ');
    t.notOk(seen.get(colourless), `${meaning}: ${colourless}`);
    seen.set(colourless, meaning);
  }
  t.end();
});

/** Every view there can be. */
function* everyView(): Generator<PanelView> {
  for (const state of [null, ...broadcastState.options])
    for (const advancing of [true, false])
      for (const viewers of [0, 1, 10_000])
        for (const phase of ['released', 'held', 'warning'] as const)
          for (const problem of [true, false]) yield { state, advancing, viewers, phase, problem };
}

t.test('no light flashes more than three times a second, in any state', (t) => {
  for (const view of everyView())
    for (const pattern of Object.values(lightsFor(view)) as LightPattern[]) {
      if (typeof pattern === 'string') continue;
      const perSecond = pattern.flashes / (pattern.periodMs / 1_000);
      if (!(perSecond > 0 && perSecond <= 3)) t.fail(`${perSecond} a second: ${JSON.stringify(view)}`);
    }
  t.end();
});

t.test('steady red means live with pictures that flow, and that is always shown so', (t) => {
  for (const view of everyView()) {
    const flows = view.state === 'live' && view.advancing;
    const covered = view.problem || view.phase === 'warning';
    if ((lightsFor(view).red === 'on') !== (flows && !covered)) t.fail(JSON.stringify(view));
  }
  t.end();
});

t.test('holding the button changes nothing before the warning, and nothing hides the warning', (t) => {
  for (const view of everyView()) {
    if (view.phase === 'held') t.same(lightsFor(view), lightsFor({ ...view, phase: 'released' }));
    if (view.phase === 'warning') t.same(lightsFor(view), meanings['settings are about to be reset']);
  }
  t.end();
});
