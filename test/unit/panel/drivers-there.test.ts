import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { boardFile } from '#panel/board/board-file.ts';
import { driversThere } from '#panel/drivers-there.ts';

const board = boardFile.parse(JSON.parse(await readFile('firmware/boards/pi-zero-2-w.json', 'utf8')));

/** Files by their path below the test's folder. */
async function put(root: string, files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

t.test('lights that the device tree declares are waited for until their driver is there', async (t) => {
  const root = t.testdir();
  const machine = { sysRoot: join(root, 'sys'), devRoot: join(root, 'dev') };
  await put(root, { 'sys/firmware/devicetree/base/onair-lights/compatible': 'gpio-leds\0' });
  let there = false;
  const waiting = driversThere(board, machine).then(() => {
    there = true;
  });
  await put(root, { 'sys/class/leds/onair:red:live/brightness': '0' });
  t.equal(there, false, 'one of two is not enough');
  await put(root, { 'sys/class/leds/onair:green:ready/brightness': '0' });
  await waiting;
  t.equal(there, true);
});

t.test('where nothing is declared, nothing is waited for', async (t) => {
  const root = t.testdir();
  const startedAtMs = performance.now();
  await driversThere(board, { sysRoot: join(root, 'sys'), devRoot: join(root, 'dev') });
  t.ok(performance.now() - startedAtMs < 1_000);
});
