import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { CliError } from '../cli-error.ts';

interface Finding {
  what: string;
  present: boolean;
  /** What is lost without it. */
  without: string;
  /** The command that mends it. */
  mend: string;
  needed: boolean;
}

/** GStreamer elements the pipeline is made of, and the Debian package of each. */
const elements: readonly { name: string; debianPackage: string; without: string; needed: boolean }[] = [
  {
    name: 'x264enc',
    debianPackage: 'gstreamer1.0-plugins-ugly',
    without: 'no software H.264 encoder',
    needed: true,
  },
  { name: 'h264parse', debianPackage: 'gstreamer1.0-plugins-bad', without: 'no H.264 at all', needed: true },
  { name: 'rtph264pay', debianPackage: 'gstreamer1.0-plugins-good', without: 'no WebRTC', needed: true },
  { name: 'mp4mux', debianPackage: 'gstreamer1.0-plugins-good', without: 'no HLS', needed: true },
  {
    name: 'opusenc',
    debianPackage: 'gstreamer1.0-plugins-base',
    without: 'no sound over WebRTC',
    needed: true,
  },
  { name: 'avenc_aac', debianPackage: 'gstreamer1.0-libav', without: 'no sound over HLS', needed: true },
  { name: 'v4l2src', debianPackage: 'gstreamer1.0-plugins-good', without: 'no USB camera', needed: true },
  { name: 'alsasrc', debianPackage: 'gstreamer1.0-alsa', without: 'no microphone', needed: false },
  { name: 'libcamerasrc', debianPackage: 'gstreamer1.0-libcamera', without: 'no CSI camera', needed: false },
  {
    name: 'v4l2h264enc',
    debianPackage: 'gstreamer1.0-plugins-good',
    without: 'no hardware encoder: x264enc is used',
    needed: false,
  },
];

const run = promisify(execFile);

/** `onair doctor`: what is missing on this machine and the command that mends it. @throws CliError 1 if it is needed */
export async function examine(): Promise<string> {
  const findings = [
    checkNode(),
    checkAddon('gstreamer-superficial'),
    checkAddon('node-datachannel'),
    checkPage(),
  ];
  const inspector = await hasInspector();
  if (!inspector) {
    findings.push({
      what: 'gst-inspect-1.0',
      present: false,
      without: 'GStreamer can not be examined',
      mend: 'sudo apt-get install gstreamer1.0-tools',
      needed: true,
    });
  } else findings.push(...(await Promise.all(elements.map(checkElement))));
  findings.push(checkCamera());
  const text = findings.map(describe).join('\n');
  const missing = findings.filter(({ present, needed }) => needed && !present);
  if (missing.length > 0)
    throw new CliError(
      1,
      `${missing.length} needed ${missing.length === 1 ? 'thing is' : 'things are'} missing:\n${text}`,
    );
  return `${text}\n\nAll that is needed is here.`;
}

function describe({ what, present, without, mend, needed }: Finding): string {
  if (present) return `  ok       ${what}`;
  return `  ${needed ? 'MISSING' : 'absent '}  ${what}: ${without}\n           ${mend}`;
}

function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return {
    what: `Node.js ${process.versions.node}`,
    present: major >= 20,
    without: 'Node.js 20 or newer is needed',
    mend: 'Install Node.js 20 or newer (Debian 13 has it: sudo apt-get install nodejs)',
    needed: true,
  };
}

function checkAddon(name: string): Finding {
  const require = createRequire(import.meta.url);
  let present = true;
  try {
    require.resolve(name);
    if (name === 'gstreamer-superficial') require(name);
  } catch {
    present = false;
  }
  return { what: name, present, without: 'a native module is not built', mend: 'make setup', needed: true };
}

function checkPage(): Finding {
  const present = existsSync(new URL('web-ui/index.html', import.meta.url));
  return { what: 'web page', present, without: 'the page is not built', mend: 'make build', needed: true };
}

/** Elements exist only where their device does for some: v4l2h264enc on a Pi. */
async function checkElement({
  name,
  debianPackage,
  without,
  needed,
}: (typeof elements)[number]): Promise<Finding> {
  const present = await run('gst-inspect-1.0', ['--exists', name]).then(
    () => true,
    () => false,
  );
  return {
    what: `GStreamer ${name}`,
    present,
    without,
    mend: `sudo apt-get install ${debianPackage}`,
    needed,
  };
}

async function hasInspector(): Promise<boolean> {
  return await run('gst-inspect-1.0', ['--version']).then(
    () => true,
    () => false,
  );
}

function checkCamera(): Finding {
  return {
    what: 'a camera (/dev/video0)',
    present: existsSync('/dev/video0'),
    without: 'only the test picture and files can be shown',
    mend: 'Plug in a USB camera',
    needed: false,
  };
}
