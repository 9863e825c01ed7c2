import { readFile } from 'node:fs/promises';

/** What the daemons call besides GStreamer. */
const needed = [
  'avahi-daemon',
  'dbus',
  'init-system-helpers (>= 1.54~)',
  'nodejs (>= 20.19~)',
  'passwd',
  'systemd (>= 252)',
  'udev',
];
/** A machine that is on the network already can do without. */
const recommended = ['dnsmasq-base', 'gpiod', 'iw', 'network-manager', 'wireless-regdb', 'wpasupplicant'];

const description = `live-streaming appliance for the local network
 Press the button, and everybody on the local network watches in a browser:
 Onair turns a small computer with a camera into a live-streaming appliance,
 over WebRTC and LL-HLS, without an account, a cloud or an app.
 .
 This package makes the machine that it is installed on such a box: its daemons
 start at once, and its page is at port 80.`;

/** Names of one section of bin/packages.txt: those to have, and those Onair can do without. */
async function listed(section) {
  const text = await readFile('bin/packages.txt', 'utf8');
  const lines = (text.split(`[${section}]`)[1]?.split(/^\[/m)[0] ?? '').split('\n');
  const names = lines.filter((line) => /^[a-z]/.test(line)).map((line) => line.split(' '));
  return {
    needed: names.filter(([, mark]) => mark === undefined).map(([name]) => name),
    optional: names.filter(([, mark]) => mark === '?').map(([name]) => name),
  };
}

/** Nobody's address, by RFC 2606: a project that publishes the package puts its own here. */
export const maintainer = 'Onair <onair@onair.invalid>';

/** The text of DEBIAN/control. @param libraries what dpkg-shlibdeps says of the addons */
export async function controlFile({ version, architecture, libraries, installedKb, abi }) {
  const run = await listed('run');
  // The addons know one module interface of Node.js.
  const depends = [...needed, ...run.needed, `libnode${abi}`, ...libraries.split(', ')].filter(Boolean);
  return `Package: onair
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${installedKb}
Depends: ${[...new Set(depends)].sort().join(', ')}
Recommends: ${[...recommended, ...run.optional].sort().join(', ')}
Section: video
Priority: optional
Multi-Arch: foreign
Description: ${description}
`;
}
