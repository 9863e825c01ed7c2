import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { checkout } from '../support/command.ts';
import { plugIn } from '../support/console-plug.ts';

// A first set-up on the line of a running appliance, which docs/manual.md shows as it went.
// ONAIR_WRITE_TRANSCRIPT=1 writes it into the manual.

t.setTimeout(240_000);
const [begin, end] = [
  '<!-- transcript: written by test/integration/console-transcript.test.ts -->\n```console\n',
  '```\n<!-- /transcript -->',
];

/** The demo has no cable; a box says this. */
const overCable = 'over this cable at http://10.55.0.1';
/** What differs from machine to machine. */
const canonical: [RegExp, string | ((found: string) => string)][] = [
  [/^( {2}Page {3}).*$/m, `$1http://onair.local  or  http://192.168.1.20\n         ${overCable}`],
  [/^(Page {6}).*$/m, `$1http://stage.local  or  http://192.168.1.20\n          ${overCable}`],
  [/(?<=The page is at )\S+ {2}or {2}\S+$/m, `http://onair.local  or  http://192.168.1.20\nor ${overCable}`],
  [/(?<=Watch at )\S+ {2}or {2}\S+$/m, `http://stage.local  or  http://192.168.1.20\nor ${overCable}`],
  [
    /(?<=Type it at )\S+ {2}or {2}\S+$/m,
    `http://stage.local/studio  or  http://192.168.1.20/studio\nor ${overCable}/studio`,
  ],
  [/(?<=Code )\d{6}/, '407193'],
  [/^(State {5}).*$/m, '$1live'],
  [/(?<=^Picture {3}).*$/m, '1280x720, 30 fps, 2480 kbit/s'],
  [/(?<=^WebRTC {4}).*$/m, 'UDP port 8189'],
  [/(?<=^Services {2}).*$/m, (services) => services.replaceAll(/ \(\d+\)/g, '')],
  [/^Heat .*\n/m, ''],
  [/^Battery .*\n/m, ''],
];

t.test('a first set-up from greeting to picture, as the manual shows it', async (t) => {
  // A small picture: whether this machine is busy is not the question.
  const box = await Appliance.start({
    settings: { video: { width: 320, height: 180, framesPerSecond: 10 } },
  });
  t.teardown(() => box.close());
  const { host, unplug } = await plugIn(box);
  t.teardown(unplug);
  await host.until('onair> ');
  const type = async (line: string, next = '\r\nonair> '): Promise<void> => {
    host.send(`${line}\r`);
    await host.until(next);
  };
  await type('wifi scan');
  await type('wifi join Workshop', 'none): ');
  await type('press the button');
  await type('set device.name Stage left');
  await type('set network.hostname stage');
  await type('set video.bitrateKbps 2500');
  await type('set viewing.pin', 'viewing.pin: ');
  await type('4711');
  await type('set viewing.access pin');
  await type('live');
  const status = await box.until(
    ({ broadcast, advancing }) => broadcast.state === 'live' && advancing,
    40_000,
  );
  t.match(status, { device: { name: 'Stage left', hostname: 'stage' }, broadcast: { state: 'live' } });
  await box.until(({ stream }) => (stream.bitrateKbps ?? 0) > 0, 40_000);
  await type('status');
  await type('pair');
  const plain = host.heard
    .replaceAll('\r', '')
    .replace(/^\n/, '')
    .replace(/onair> $/, '');
  const transcript = canonical.reduce(
    (text, [pattern, shown]) => text.replace(pattern, shown as string),
    plain,
  );

  const path = join(checkout, 'docs/manual.md');
  const manual = await readFile(path, 'utf8');
  const [before, rest] = manual.split(begin);
  const [shown, after] = rest?.split(end) ?? [];
  t.ok(shown !== undefined && after !== undefined, 'the manual has a place for it');
  if (process.env.ONAIR_WRITE_TRANSCRIPT)
    await writeFile(path, `${before}${begin}${transcript}${end}${after}`);
  else t.equal(transcript, shown);
});
