import { spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { bootProblemText } from '#core/domain/boot-settings.ts';
import { applyBootFile } from './apply.ts';

/**
 * Once at boot, as root, before control: reads onair.toml on the boot partition (docs/appliance.md). It never keeps the
 * box from starting: what is wrong is said on the screen, in the journal, and to `onair doctor`.
 */
const { problems, sshWanted } = await applyBootFile({
  file: process.env.ONAIR_BOOT_FILE ?? '/boot/firmware/onair.toml',
  runtimeDirectory: process.env.RUNTIME_DIRECTORY ?? '/run/onair-boot',
  dataDirectory: process.env.ONAIR_DATA ?? '/var/lib/onair',
  connections: process.env.ONAIR_CONNECTIONS ?? '/etc/NetworkManager/system-connections',
  authorizedKeys: process.env.ONAIR_AUTHORIZED_KEYS ?? '/root/.ssh/authorized_keys',
}).catch((error) => {
  const message = `The file could not be applied: ${error instanceof Error ? error.message : error}.`;
  return { problems: [{ line: null, key: null, message, action: 'Run onair doctor.' }], sshWanted: false };
});
const lines = problems.map((problem) => `${bootProblemText(problem)}\n`);
for (const line of lines) process.stdout.write(line);
if (lines.length > 0) await showOnScreen(`\r\nOnair: mistakes in onair.toml\r\n${lines.join('\r')}\r\n`);
// SSH is off on the appliance until there is a key for it.
if (sshWanted && process.env.ONAIR_BOOT_FILE === undefined)
  spawnSync('systemctl', ['start', '--no-block', 'ssh.service'], { stdio: 'inherit' });

/** Without waiting for a screen that is not there. */
async function showOnScreen(text: string): Promise<void> {
  try {
    const path = process.env.ONAIR_SCREEN ?? '/dev/tty1';
    const screen = await open(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    await screen.write(text).finally(() => screen.close());
  } catch {
    // The journal has it too.
  }
}
