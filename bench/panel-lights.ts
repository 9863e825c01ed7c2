// What the panel's lights cost on a board with the LED class, on files that stand in for it: panel-lights.ts idle|blinking|steady red
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { BoardLights } from '#panel/light/board-lights.ts';
import { KernelLight } from '#panel/light/kernel-light.ts';
import { lightTable, nobodyThere } from '#panel/light-table.ts';

// In memory, as the kernel's own files are.
const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'onair-bench-'));
process.on('SIGTERM', () => {
  rmSync(root, { recursive: true });
  process.exit(0);
});
const light = (name: string, saysLive: boolean): KernelLight => {
  const folder = join(root, 'class/leds', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'trigger'), 'none [pattern]');
  return new KernelLight({ root, name, trouble: nobodyThere, saysLive, clock });
};
const lights = new BoardLights({ red: light('red', true), green: light('green', false) });
await lights.start();
const rows = { idle: lightTable.ready, blinking: lightTable.failed, 'steady red': lightTable.watched };
const what = process.argv[2] ?? 'idle';
if (!(what in rows)) throw new Error(`there is no ${what}`);
const row = rows[what as keyof typeof rows];
lights.show(row);
/** So often does control say that it is live. */
if (what === 'steady red') clock.every(500, () => lights.show(row));
else clock.every(3_600_000, () => {});
console.log('shown');
