/**
 * Boots a card's image on an emulated Raspberry Pi 3, from its own boot partition, until it serves its page:
 *   node --import tsx image/test/main.ts FOLDER
 * FOLDER has card.img, cmdline.txt and board.dtb (image/test/prepare).
 * U-Boot does what the board's firmware would, which no emulator has. All that the box says goes into FOLDER/console.log.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootCommands } from './boot-script.ts';
import { SerialLine } from './serial-line.ts';

const folder = resolve(process.argv[2] ?? '');
if (process.argv[2] === undefined) {
  console.error('image test: main.ts FOLDER');
  process.exit(2);
}
const record = join(folder, 'console.log');
const minutes = 60_000;
/** Typed into the box's shell: asks its page until there is an answer. The word for it is not in what is typed. */
const askForPage =
  'until exec 3<>/dev/tcp/127.0.0.1/80 && printf "GET / HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n" >&3 && read -r _ status _ <&3; do sleep 3; done 2>/dev/null; echo page-"says-$status"';
const board = 'bcm2837-rpi-3-b.dtb';
const log = createWriteStream(record);
const startedAtMs = Date.now();
const say = (text: string): void =>
  console.log(`image test: ${String(Math.round((Date.now() - startedAtMs) / 1000)).padStart(4)} s  ${text}`);

const toolRoot = fileURLToPath(new URL('../in-tool-root', import.meta.url));
const machine = [
  ...['qemu-system-aarch64', '-M', 'raspi3b', '-display', 'none', '-monitor', 'none', '-no-reboot'],
  ...['-kernel', '/usr/lib/u-boot/rpi_3/u-boot.bin', '-dtb', join(folder, 'board.dtb')],
  ...['-drive', `if=sd,format=raw,file=${join(folder, 'card.img')}`, '-serial', 'null', '-serial', 'stdio'],
];
const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', toolRoot, ...machine], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const line = new SerialLine(qemu.stdout, qemu.stdin, (text) => log.write(text, 'latin1'));

try {
  await line.expect(/Hit any key to stop autoboot/, 2 * minutes);
  line.send('\r');
  await line.expect(/U-Boot> /, minutes);
  for (const command of bootCommands(readFileSync(join(folder, 'cmdline.txt'), 'utf8'), board)) {
    line.send(`${command}\r`);
    if (command.startsWith('booti')) break;
    if (command.startsWith('fatload')) await line.expect(/(\d+) bytes read/, 10 * minutes);
    await line.expect(/U-Boot> /, minutes);
  }
  await line.expect(/Linux version \S+/, 5 * minutes).then(([version]) => say(version));
  await line.expect(/systemd\[1\]: Detected architecture arm64/, 15 * minutes);
  say('the system is mounted, and systemd starts');
  await line.expect(/# $/m, 15 * minutes);
  line.send(`${askForPage}\r`);
  const [, status] = await line.expect(/page-says-(\S+)\r?\n/, 20 * minutes);
  if (status !== '200') throw new Error(`the page answered with ${status}`);
  say('the page is served');
  line.send('echo failed-units-$(systemctl --failed --no-legend | wc -l)-; systemctl --failed --no-legend\r');
  const [, failed] = await line.expect(/failed-units-(\d+)-\r?\n/, 2 * minutes);
  say(`${failed} failed units`);
  if (failed !== '0') throw new Error(`units failed: see ${record}`);
} catch (error) {
  console.error(`image test: failed: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  qemu.kill('SIGKILL');
  if (qemu.exitCode === null && qemu.signalCode === null) await once(qemu, 'exit');
  log.end();
}
