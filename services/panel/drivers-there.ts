import { access, constants, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BoardFile, lightFor, liveButton } from './board/board-file.ts';
import { KeyButton } from './gpio/key-button.ts';
import type { Machine } from './open-board.ts';

const everyMs = 250;
/** The drivers of keys and LEDs are loaded while the panel starts: a slow board needs seconds for that. */
const withinMs = 45_000;

/**
 * Waits until what the device tree declares is there and may be used. The panel starts as early as it can, so that a
 * press counts from the first second; udev loads the drivers and opens their files to it at the same time.
 */
export async function driversThere(
  board: BoardFile,
  machine: Pick<Machine, 'sysRoot' | 'devRoot'>,
): Promise<void> {
  const startedAtMs = performance.now();
  const declared = await declaredDrivers(machine.sysRoot);
  while (!(await areThere(board, declared, machine)) && performance.now() - startedAtMs < withinMs) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

async function areThere(
  board: BoardFile,
  declared: ReadonlySet<string>,
  { sysRoot, devRoot }: Pick<Machine, 'sysRoot' | 'devRoot'>,
): Promise<boolean> {
  const button = liveButton(board);
  const lights = [lightFor(board, 'red'), lightFor(board, 'green')].filter((light) => light !== null);
  let needsLines = false;
  if (declared.has('gpio-keys') && button?.keyCode !== undefined) {
    const event = await KeyButton.find(sysRoot, button.keyCode);
    if (event === null || !(await may(join(devRoot, 'input', event), constants.R_OK))) return false;
  } else needsLines = button !== null;
  for (const { led } of lights) {
    if (declared.has('gpio-leds') && led !== undefined) {
      if (!(await may(join(sysRoot, 'class/leds', led, 'brightness'), constants.W_OK))) return false;
    } else needsLines = true;
  }
  const lines = join(sysRoot, 'class/gpio/export');
  // A machine without lines, or without this way to them, has nothing to wait for.
  return !needsLines || !(await may(lines, constants.F_OK)) || (await may(lines, constants.W_OK));
}

/** What nodes at the root of the device tree are for: "gpio-keys", "gpio-leds" and others. */
async function declaredDrivers(sysRoot: string): Promise<Set<string>> {
  const base = join(sysRoot, 'firmware/devicetree/base');
  const nodes = await readdir(base).catch(() => []);
  const texts = nodes.map((node) => readFile(join(base, node, 'compatible'), 'utf8').catch(() => ''));
  return new Set((await Promise.all(texts)).flatMap((text) => text.split('\0')));
}

async function may(path: string, mode: number): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}
