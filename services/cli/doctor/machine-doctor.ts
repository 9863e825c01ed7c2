import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import type { MachineDoctor } from '#operator/command.ts';
import { examineBox, isBox } from './doctor-box.ts';
import { asRoot, type Finding, installCommand, machineFinding } from './finding.ts';
import { elements, type PipelineElement } from './gstreamer-elements.ts';
import { checkNetwork } from './network-findings.ts';
import { startProblems } from './start-problems.ts';

const run = promisify(execFile);

/** `onair doctor`: what only this machine knows, and the command that fixes it. */
export const machineDoctor: MachineDoctor = {
  describe: async () => {
    const { describeMachine } = await import('./machine.ts'); // large, and only the doctor needs it
    return await describeMachine();
  },
  examine: async () => (await examine()).map(machineFinding),
  examineStart: async () =>
    (await startProblems()).map((what) => ({ level: 'problem' as const, what, action: null })),
};

async function examine(): Promise<Finding[]> {
  return [
    checkNode(),
    checkAddon('gstreamer-superficial', 'no video pipeline'),
    checkAddon('./webrtc.node', 'node-datachannel stands in, at a higher cost for each viewer', {
      what: 'native WebRTC engine',
      needed: false,
    }),
    checkAddon('node-datachannel', 'only the slower WebRTC engine (webrtc.engine = werift)'),
    checkPage(),
    ...(await checkElements()),
    await checkEncoder(),
    await checkCamera(),
    ...checkNetwork(),
    ...(isBox() ? await examineBox() : []),
  ];
}

/** This code runs from 20 on; building it takes a little more. */
function checkNode(): Finding {
  const [major = 0] = process.versions.node.split('.').map(Number);
  return {
    what: `Node.js ${process.versions.node}`,
    present: major >= 20,
    without: 'Node.js 20 or newer is needed',
    fix: `Install it from https://nodejs.org/en/download, or on Debian 13: ${installCommand(['nodejs'])}`,
    needed: true,
  };
}

/** What puts back what comes with Onair itself. @param inCheckout the command where it is built */
function rebuilt(inCheckout: string): string {
  return isBox() ? asRoot('apt-get install --reinstall onair') : inCheckout;
}

/** Loading it is the test: it may be compiled for another Node.js. */
function checkAddon(name: string, without: string, { what = name, needed = true } = {}): Finding {
  let present = true;
  try {
    createRequire(import.meta.url)(name);
  } catch {
    present = false;
  }
  return { what, present, without, fix: rebuilt('make setup'), needed };
}

function checkPage(): Finding {
  const present = existsSync(new URL('web-ui/index.html', import.meta.url));
  return {
    what: 'web page',
    present,
    without: 'the page is not built',
    fix: rebuilt('make build'),
    needed: true,
  };
}

async function checkElements(): Promise<Finding[]> {
  const version = await gstreamerVersion();
  if (version !== null) {
    const found = { what: `GStreamer ${version}`, present: true, without: '', fix: '', needed: true };
    return [found, ...(await Promise.all(elements.map(checkElement)))];
  }
  return [
    {
      what: 'gst-inspect-1.0',
      present: false,
      without: 'what GStreamer can do here is not known',
      fix: installCommand(['gstreamer1.0-tools']),
      debianPackage: 'gstreamer1.0-tools',
      needed: true,
    },
  ];
}

async function checkElement({ name, debianPackage, without, needed }: PipelineElement): Promise<Finding> {
  const present = await hasElement(name);
  return {
    what: `GStreamer ${name}`,
    present,
    without,
    fix: installCommand([debianPackage]),
    debianPackage,
    needed,
  };
}

/** Its package is there with v4l2src's: the element exists only where such a device does. */
async function checkEncoder(): Promise<Finding> {
  return {
    what: 'a hardware H.264 encoder (v4l2h264enc)',
    present: await hasElement('v4l2h264enc'),
    without: 'x264enc is used, which takes more of the processor',
    fix: 'Nothing to fix: boards such as the Raspberry Pi Zero 2 W to 4 have one',
    needed: false,
  };
}

async function checkCamera(): Promise<Finding> {
  const devices = await readdir('/dev').catch((): string[] => []);
  return {
    what: 'a camera (/dev/video*)',
    present: devices.some((name) => /^video\d+$/.test(name)),
    without: 'only the test picture and clips can be shown',
    fix: 'Plug in a USB camera',
    needed: false,
  };
}

/** Of any version: the plugins of other projects (libcamera) don't count as GStreamer does. */
async function hasElement(name: string): Promise<boolean> {
  return await run('gst-inspect-1.0', ['--exists', '--atleast-version=0.0', name]).then(
    () => true,
    () => false,
  );
}

/** "1.26.2", or null where GStreamer's tools are absent. */
async function gstreamerVersion(): Promise<string | null> {
  const printed = await run('gst-inspect-1.0', ['--version']).catch(() => null);
  return printed === null ? null : (/GStreamer (\d\S*)/.exec(printed.stdout)?.[1] ?? 'of unknown version');
}
