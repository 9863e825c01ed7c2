import { execFile, execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { offerText } from '../support/offer.ts';

/** A laptop and the box on one cable, without DHCP: each has an address of 169.254/16 (RFC 3927) and no other. */

t.setTimeout(240_000);

const skip = ((): string | false => {
  try {
    execFileSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'needs root, ip and curl';
  }
})();

/** The demo in a network of its own. @returns what POST /whep answers there */
async function offerWithin(
  commands: string[],
): Promise<{ status: number; answer: string; problems: unknown }> {
  const within = ['unshare', '-n', 'sh', '-c', `${commands.join(' && ')} && exec "$0" "$@"`];
  const appliance = await Appliance.start({
    within,
    settings: { video: { width: 320, height: 240, framesPerSecond: 10 } },
  });
  try {
    await appliance.onair('live');
    const { ports } = await appliance.status();
    const offer = join(appliance.stateDirectory, 'offer.sdp');
    await writeFile(offer, offerText());
    const address = `http://127.0.0.1:${ports.http}/whep`;
    const words = ['curl', '-s', '-w', '\n%{http_code}', '-H', 'Content-Type: application/sdp'];
    const { stdout } = await promisify(execFile)('nsenter', [
      ...['-t', String(appliance.pid), '-n'],
      ...[...words, '--data-binary', `@${offer}`, address],
    ]);
    const end = stdout.lastIndexOf('\n');
    const { problems } = await appliance.status();
    return { status: Number(stdout.slice(end + 1)), answer: stdout.slice(0, end), problems };
  } finally {
    await appliance.close();
  }
}

const cable = (address: string) => [
  'ip link set lo up',
  'ip link add eth0 type veth peer name eth1',
  'ip link set eth1 up',
  `ip addr add ${address} dev eth0`,
  'ip link set eth0 up',
];

t.test('a link-local address alone is a candidate', { skip }, async (t) => {
  const { status, answer, problems } = await offerWithin(cable('169.254.7.7/16'));
  t.equal(status, 201);
  t.match(answer, /a=candidate:.* 169\.254\.7\.7 \d+ typ host/);
  t.same(problems, []);
});

t.test('with loopback alone, loopback is', { skip }, async (t) => {
  const { status, answer } = await offerWithin(['ip link set lo up']);
  t.equal(status, 201);
  t.match(answer, /a=candidate:.* 127\.0\.0\.1 \d+ typ host/);
});
