import assert from 'node:assert/strict';
import type { ButtonLine } from '#core/hardware/gpio/button-line.ts';
import { type LightPattern, type LightState, type Lights, steadyHoldMs } from '#core/hardware/light/light.ts';
import { isPlaying, type Run } from './light-runs.ts';

/** A board under test, with a finger on its button and an eye on its lights. */
export interface BoardUnderTest {
  line: ButtonLine;
  lights: Lights;
  /** Moves the button and resolves once the board has had time to see the edge. */
  move(pressed: boolean): Promise<void>;
  /** What the lights do for so long from now on. */
  look(forMs: number): Promise<{ red: Run[]; green: Run[] }>;
  /** How far off the eye may be. */
  toleranceMs: number;
  /** Whether its lights are there when the panel is not, as those of real boards are. */
  outlivesPanel: boolean;
}

const lookMs = 1_300;

async function sees(board: BoardUnderTest, state: LightState): Promise<void> {
  const seen = await board.look(lookMs);
  const what = (runs: Run[]): string => runs.map(({ lit, ms }) => `${lit ? 'lit' : 'dark'} ${ms}`).join(', ');
  for (const [colour, pattern] of Object.entries(state) as ['red' | 'green', LightPattern][])
    assert.ok(
      isPlaying(pattern, seen[colour], board.toleranceMs),
      `${colour} shows ${JSON.stringify(pattern)}; seen: ${what(seen[colour])}`,
    );
}

function changesIn(levels: readonly boolean[]): boolean[] {
  return levels.filter((level, index) => level !== levels[index - 1]);
}

/** What every board does, virtual or real: each with a board that is new. */
export const boardContract: Record<string, (board: BoardUnderTest) => Promise<void>> = {
  'the level at the start is told at once, then every raw edge in order': async ({ line, move }) => {
    const levels: boolean[] = [];
    await line.start((pressed) => void levels.push(pressed));
    assert.deepEqual(levels, [false], 'nobody presses');
    for (const pressed of [true, false, true, true, false]) await move(pressed);
    assert.deepEqual(changesIn(levels), [false, true, false, true, false]);
  },
  'a closed line is silent, and may be closed again': async ({ line, move }) => {
    const levels: boolean[] = [];
    await line.start((pressed) => void levels.push(pressed));
    await move(true);
    await move(false);
    const before = levels.length;
    await line.close();
    await line.close();
    await move(true).catch(() => {});
    await move(false).catch(() => {});
    assert.equal(levels.length, before);
  },
  'the lights show what they are told, until they are told otherwise': async (board) => {
    const { lights } = board;
    lights.show({ red: 'off', green: 'on' });
    await lights.start();
    await sees(board, { red: 'off', green: 'on' }); // what was shown before the start is shown after it
    const states: LightState[] = [
      { red: 'on', green: 'off' },
      { red: [200, 200, 200, 600], green: 'on' },
      { red: 'off', green: [300, 300] },
      { red: [400, 200], green: [400, 200] },
    ];
    for (const state of states) {
      lights.show(state);
      lights.show({ ...state });
      await sees(board, state);
    }
  },
  'light and line are one board: both start, both close, in any order': async (board) => {
    const { line, lights, move } = board;
    await lights.start();
    const levels: boolean[] = [];
    await line.start((pressed) => void levels.push(pressed));
    await move(true);
    assert.deepEqual(changesIn(levels), [false, true]);
    lights.show({ red: 'off', green: 'on' });
    await sees(board, { red: 'off', green: 'on' });
    await move(false);
    await lights.close();
    await line.close();
    await lights.close();
  },
  'steady red is over when nobody says it any more': async (board) => {
    if (!board.outlivesPanel) return;
    const { lights } = board;
    await lights.start();
    lights.show({ red: 'on', green: 'on' });
    await sees(board, { red: 'on', green: 'on' });
    const { red } = await board.look(steadyHoldMs + 1_000);
    assert.equal(red[0]?.lit === true && red.length === 1, false, JSON.stringify(red));
    lights.show({ red: 'on', green: 'on' });
    await sees(board, { red: 'on', green: 'on' });
    await lights.close();
  },
  'no light is steady when nobody is there any more': async (board) => {
    if (!board.outlivesPanel) return;
    const { lights } = board;
    await lights.start();
    lights.show({ red: 'on', green: 'on' });
    await sees(board, { red: 'on', green: 'on' });
    await lights.close();
    const { red, green } = await board.look(lookMs);
    for (const runs of [red, green])
      assert.ok(runs.length > 1 || runs[0]?.lit === false, JSON.stringify(runs));
  },
};
