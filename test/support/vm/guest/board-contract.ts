// Runs in the guest: the contract that all boards keep, with the real ones on the kernel's simulated lines.
//   board-contract.mjs device-tree|sysfs FOLDER        FOLDER is that of the simulated controller
// Prints a JSON line for each part of the contract.
import { readFileSync, writeFileSync } from 'node:fs';
import { systemClock } from '#core/runtime/system-clock.ts';
import { boardFile } from '#panel/board/board-file.ts';
import { openBoard, realMachine } from '#panel/open-board.ts';
import { type BoardUnderTest, boardContract } from '../../board-contract.ts';
import { runsOf } from '../../light-runs.ts';

const [way = 'device-tree', folder = ''] = process.argv.slice(2);
const declared = '/usr/lib/onair/firmware/boards/pi-zero-2-w.json';
/** Lines that no driver holds, for the way that takes them itself. */
const freeLines = { button: 5, red: 6, green: 13 };

const shipped: object = JSON.parse(readFileSync(declared, 'utf8'));
const board = boardFile.parse(way === 'sysfs' ? { ...shipped, parts: partsOnFreeLines() } : shipped);
/** As the Pis are wired: see firmware/boards. */
const lines = way === 'sysfs' ? freeLines : { button: 17, red: 27, green: 22 };

/** As if the device tree offered nothing, on other lines. */
function partsOnFreeLines(): object[] {
  const line = (offset: number) => ({ name: `GPIO${offset}`, chip: 'pinctrl-bcm2835', offset });
  return [
    { kind: 'button', role: 'live', line: line(freeLines.button), activeLow: true, pull: 'up' },
    { kind: 'light', role: 'red', line: line(freeLines.red), activeLow: false },
    { kind: 'light', role: 'green', line: line(freeLines.green), activeLow: false },
  ];
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const pull = (up: boolean): void =>
  writeFileSync(`${folder}/sim_gpio${lines.button}/pull`, up ? 'pull-up' : 'pull-down');
const lit = (line: number): boolean => readFileSync(`${folder}/sim_gpio${line}/value`, 'utf8')[0] === '1';

async function look(forMs: number) {
  const seen: Record<'red' | 'green', { atMs: number; lit: boolean }[]> = { red: [], green: [] };
  const startedAtMs = performance.now();
  let atMs = 0;
  while (atMs <= forMs) {
    seen.red.push({ atMs, lit: lit(lines.red) });
    seen.green.push({ atMs, lit: lit(lines.green) });
    await pause(10);
    atMs = performance.now() - startedAtMs;
  }
  return { red: runsOf(seen.red), green: runsOf(seen.green) };
}

async function make(): Promise<{ under: BoardUnderTest; ways: string[] }> {
  pull(true);
  const chosen = { board, file: declared, model: null, chosenBy: 'ONAIR_BOARD' as const };
  const opened = await openBoard({
    chosen,
    machine: realMachine,
    boardSocket: '/nowhere',
    clock: systemClock,
  });
  if (opened.line === null || opened.problems.length > 0)
    throw new Error(`not opened: ${opened.problems.map(({ message }) => message).join('; ') || 'no button'}`);
  const under: BoardUnderTest = {
    line: opened.line,
    lights: opened.lights,
    move: async (pressed) => {
      pull(!pressed);
      await pause(150);
    },
    look: async (forMs) => {
      await pause(150); // what was shown has come to its wires
      return await look(forMs);
    },
    toleranceMs: 150,
    outlivesPanel: true,
  };
  return { under, ways: opened.ways };
}

for (const [what, check] of Object.entries(boardContract)) {
  let ways: string[] = [];
  let problem: string | null = null;
  let under: BoardUnderTest | null = null;
  try {
    const made = await make();
    under = made.under;
    ways = made.ways;
    await check(under);
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  await under?.line.close();
  await under?.lights.close();
  console.log(JSON.stringify({ what, ways, problem }));
}
process.exit();
