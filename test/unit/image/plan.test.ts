import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { checkout, readText } from '#test/support/source-files.ts';

const run = promisify(execFile);
const mirror = {
  ONAIR_MIRROR: 'http://mirror.example/debian',
  ONAIR_SECURITY_MIRROR: 'http://mirror.example/security',
};

async function plan(
  flavour: string,
  board = 'all',
  environment: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await run('image/plan', [flavour, board], {
    cwd: checkout,
    env: { ...process.env, ...mirror, ...environment },
  });
  return stdout;
}

/** What a command says that fails. */
const complaint = async (command: Promise<unknown>): Promise<string> =>
  await command.then(
    () => 'it did not fail',
    ({ stderr }: { stderr?: string }) => stderr ?? '',
  );

/** The lines of a part of the plan. */
function part(text: string, title: string): string[] {
  const [, lines = ''] = new RegExp(`^${title}.*:\n((?:  .*\n)*)`, 'm').exec(text) ?? [];
  return lines.split('\n').flatMap((line) => (line.trim() ? [line.trim()] : []));
}

t.test('debian: everything from Debian, the kernel from backports', async (t) => {
  const text = await plan('debian');
  t.strictSame(part(text, 'Sources'), [
    'deb http://mirror.example/debian trixie main non-free-firmware',
    'deb http://mirror.example/debian trixie-updates main non-free-firmware',
    'deb http://mirror.example/security trixie-security main non-free-firmware',
    'deb http://mirror.example/debian trixie-backports main non-free-firmware',
  ]);
  t.match(text, /Package: src:linux .*\n {2}Pin: release n=trixie-backports/);
  for (const name of ['linux-image-arm64', 'raspi-firmware', 'network-manager', 'gstreamer1.0-plugins-bad'])
    t.ok(part(text, 'Packages').includes(name), name);
  t.ok(part(text, 'Boot partition').includes('bcm2712-rpi-5-b.dtb'));
  const { version } = JSON.parse(await readText('package.json')) as { version: string };
  t.strictSame(part(text, 'Files'), [
    `onair-${version}-arm64.img.zst`,
    `onair-${version}-arm64.img.zst.sha256`,
    `onair-${version}-arm64.img.bmap`,
    `onair-${version}-arm64.cdx.json`,
    `onair-${version}-arm64.imager.json`,
  ]);
});

t.test(
  'raspios: one source more, with its key, and only what the boards need is taken from it',
  async (t) => {
    const text = await plan('raspios');
    t.equal(
      part(text, 'Sources').at(-1),
      'deb [signed-by=$ONAIR_RASPIOS_KEY] $ONAIR_RASPIOS_MIRROR trixie main',
    );
    t.equal(
      part(await plan('raspios', 'all', { ONAIR_RASPIOS_MIRROR: 'http://pi.example/debian' }), 'Sources').at(
        -1,
      ),
      'deb [signed-by=$ONAIR_RASPIOS_KEY] http://pi.example/debian trixie main',
    );
    const pins = part(text, 'Pins').join('\n');
    t.match(pins, /Package: \*\nPin: release o=Raspberry Pi Foundation\nPin-Priority: -10/);
    t.match(
      pins,
      /Package: src:linux .*src:raspi-firmware.*src:libcamera.*\nPin: release o=Raspberry Pi Foundation\n/,
    );
    const packages = part(text, 'Packages');
    t.ok(packages.includes('linux-image-rpi-v8') && packages.includes('linux-image-rpi-2712'));
    t.notOk(packages.includes('linux-image-arm64'));
    for (const file of ['kernel8.img', 'kernel_2712.img', 'overlays/*.dtbo'])
      t.ok(part(text, 'Boot').includes(file), file);
    t.match(text, /^ {2}dtoverlay=dwc2/m);
  },
);

t.test('both are the same but for kernel, firmware and camera', async (t) => {
  const [debian = [], raspios = []] = (await Promise.all([plan('debian'), plan('raspios')])).map((text) =>
    part(text, 'Packages'),
  );
  const differing = [...debian, ...raspios].filter(
    (name) => debian.includes(name) !== raspios.includes(name),
  );
  t.strictSame(differing, [
    'linux-image-arm64',
    'libcamera-ipa',
    'linux-image-rpi-2712',
    'linux-image-rpi-v8',
  ]);
});

t.test('one board: its files alone; an unknown one is refused with the names there are', async (t) => {
  const files = part(await plan('debian', 'pi-5'), 'Boot partition');
  t.ok(files.includes('bcm2712-rpi-5-b.dtb'));
  t.strictSame(
    files.filter((name) => /^(bcm27|bcm283)/.test(name) && !name.startsWith('bcm2712')),
    [],
  );
  t.match(await complaint(plan('debian', 'pi-9')), /there is no board pi-9; there are: .*pi-zero-2-w/);
  t.match(await complaint(plan('nixos')), /there is no nixos for arm64/);
});

t.test('the build of raspios asks for archive and key', async (t) => {
  const env = { ...process.env, ...mirror, ONAIR_RASPIOS_MIRROR: '', ONAIR_RASPIOS_KEY: '' };
  t.match(
    await complaint(run('image/flavour-sources', ['raspios'], { cwd: checkout, env })),
    /ONAIR_RASPIOS_MIRROR=URL, .*ONAIR_RASPIOS_KEY=FILE/,
  );
});
