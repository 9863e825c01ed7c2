import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import qrcode from 'qrcode-generator';
import t from 'tap';
import { ownNetworkText } from '#control/network/own-network-screen.ts';

const script = fileURLToPath(new URL('../../../../systemd/scripts/show-on-screen', import.meta.url));

t.test('a code that phones join by, and the same in words, on a screen of 80 by 25', async (t) => {
  const passphrase = 'semi;colon\\and "more"';
  const lines = ownNetworkText({ ssid: 'Onair-12AB', passphrase }, 'http://10.42.0.1').split('\n');
  t.ok(lines.length <= 25, `${lines.length} lines`);
  t.ok(lines.every((line) => [...line].length <= 80));
  t.match(lines.join('\n'), `Wi-Fi Onair-12AB, passphrase ${passphrase}`);
  t.match(lines.join('\n'), 'http://10.42.0.1');
  const expected = qrcode(0, 'L');
  expected.addData('WIFI:T:WPA;S:Onair-12AB;P:semi\\;colon\\\\and \\"more\\";;');
  expected.make();
  const size = expected.getModuleCount();
  const isDark = (row: number, column: number): boolean => {
    const drawn = lines[(row + 2) >> 1]?.[column + 2] ?? '';
    return !((row + 2) % 2 === 0 ? '█▀' : '█▄').includes(drawn);
  };
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1)
      if (isDark(row, column) !== expected.isDark(row, column)) return t.fail(`module ${row}, ${column}`);
  t.pass('every module');
});

t.test('nothing of the text commands the console', async (t) => {
  const folder = t.testdir({ screen: '' });
  const request = join(folder, 'request');
  await writeFile(request, 'Wi-Fi █\u001b[2J\u009b31m\u0007\tend\n');
  await promisify(execFile)(script, [request, join(folder, 'screen')]);
  t.equal(
    await readFile(join(folder, 'screen'), 'utf8'),
    '\u001b%G\u001b[2J\u001b[H\u001b[?25lWi-Fi █[2J31mend\r\n',
  );
});
