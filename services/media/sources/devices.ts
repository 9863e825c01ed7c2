import type { MicrophoneEntry } from '#core/domain/media.ts';
import type { Machine } from './machine.ts';

/** A video4linux node as the kernel describes it in sysfs. */
export interface VideoNode {
  /** `/dev/video0` */
  path: string;
  /** "major:minor" */
  number: string;
  /** The driver's name for it, such as "HD Webcam: HD Webcam". */
  name: string;
  /** Delivers pictures: null where the kernel's word is not to be had. */
  capture: boolean | null;
}

const nodesFolder = 'sys/class/video4linux';
/** Nodes of codecs, scalers and raw sensors: they have pictures pass through, or raw Bayer only. */
const notCameras = /codec|encode|decode|venc|vdec|\bisp\b|-isp|unicam|rp1-cfe|pispbe|hevc|\bm2m\b|metadata/i;
const hardwareEncoder = /codec-encode|venc|h264-enc|encoder/i;
/** Drivers of the motors that move a lens. */
const lensName = /^(dw97\d\d|ad5398|ad5820|ak73\d\d|bu64754|lc898217)/i;
const sensorName = /^(imx|ov|gc|os|mira|ar|vd|s5k)\w*\d/i;

/** Every video node, in the order of its number. */
export async function videoNodes(machine: Machine): Promise<VideoNode[]> {
  const nodes: VideoNode[] = [];
  for (const entry of await machine.list(nodesFolder)) {
    if (!/^video\d+$/.test(entry)) continue;
    const number = await machine.text(`${nodesFolder}/${entry}/dev`);
    const name = await machine.text(`${nodesFolder}/${entry}/name`);
    nodes.push({
      path: `/dev/${entry}`,
      number,
      name,
      capture: await captures(machine, number, entry, name),
    });
  }
  return nodes;
}

/** What udev learnt by VIDIOC_QUERYCAP (v4l_id); else what name and index suggest. */
async function captures(
  machine: Machine,
  number: string,
  entry: string,
  name: string,
): Promise<boolean | null> {
  if (notCameras.test(name)) return false;
  const record = await machine.text(`run/udev/data/c${number}`);
  const capabilities = /^E:ID_V4L_CAPABILITIES=(.*)$/m.exec(record)?.[1];
  if (capabilities !== undefined) return capabilities.includes(':capture:');
  // A USB camera has a second node, for metadata.
  const index = await machine.text(`${nodesFolder}/${entry}/index`);
  return index === '' ? null : index === '0';
}

/** Nodes that encode H.264 in hardware. */
export async function encoderNodes(machine: Machine): Promise<string[]> {
  const nodes = await videoNodes(machine);
  return nodes.filter(({ name }) => hardwareEncoder.test(name)).map(({ path }) => path);
}

/** A camera's name as people know it: "HD Pro Webcam C920", with its maker where the name lacks it. */
export async function cameraName(machine: Machine, { path, name }: VideoNode): Promise<string> {
  const usb = await usbDevice(machine, `${nodesFolder}/${path.slice('/dev/'.length)}/device`);
  const product = usb && (await machine.text(`sys/bus/usb/devices/${usb}/product`));
  const maker = usb && (await machine.text(`sys/bus/usb/devices/${usb}/manufacturer`));
  // Many drivers say it twice: "HD Webcam: HD Webcam".
  const own = name.replace(/^(.+): \1.*$/, '$1').trim();
  const best = product || own || path;
  const withMaker =
    maker && !best.toLowerCase().includes(maker.toLowerCase()) && product ? `${maker} ${best}` : best;
  return (
    withMaker
      .replace(/[\p{C}]/gu, '')
      .slice(0, 64)
      .trim() || path
  );
}

/** The first camera sensor on the CSI connector that the kernel knows; null without one. */
export async function csiSensor(machine: Machine): Promise<string | null> {
  for (const entry of await machine.list(nodesFolder)) {
    if (!entry.startsWith('v4l-subdev')) continue;
    const name = await machine.text(`${nodesFolder}/${entry}/name`);
    if (sensorName.test(name)) return name;
  }
  return null;
}

/** Whether the camera on the CSI connector can be focused. */
export async function hasLens(machine: Machine): Promise<boolean> {
  for (const entry of await machine.list(nodesFolder)) {
    if (entry.startsWith('v4l-subdev') && lensName.test(await machine.text(`${nodesFolder}/${entry}/name`)))
      return true;
  }
  return false;
}

/** Whether GStreamer's libcamera plug-in lies in one of Debian's library folders. */
export async function hasLibcamera(machine: Machine): Promise<boolean> {
  for (const triplet of await machine.list('usr/lib')) {
    const plugins = await machine.list(`usr/lib/${triplet}/gstreamer-1.0`);
    if (plugins.includes('libgstlibcamera.so')) return true;
  }
  return false;
}

/**
 * The ALSA device of a microphone: the one in the camera's own USB device, else the first card that
 * records; null where none does. @param cameraNode such as "video0"; null for a camera without USB
 */
export async function microphone(machine: Machine, cameraNode: string | null): Promise<string | null> {
  const cards = (await machine.text('proc/asound/pcm'))
    .split('\n')
    .filter((line) => /\bcapture\b/.test(line))
    .map((line) => ({ card: Number(line.slice(0, 2)), device: Number(line.slice(3, 5)) }))
    .filter(({ card, device }) => Number.isInteger(card) && Number.isInteger(device));
  const camera = cameraNode === null ? '' : await usbDevice(machine, `${nodesFolder}/${cameraNode}/device`);
  let chosen = cards[0];
  for (const each of cards) {
    const owner = await usbDevice(machine, `sys/class/sound/card${each.card}/device`);
    if (camera !== '' && owner === camera) {
      chosen = each;
      break;
    }
  }
  return chosen ? `plughw:${chosen.card},${chosen.device}` : null;
}

/** Every input that records, by the card's name: that stays when its number does not. */
export async function microphones(machine: Machine): Promise<MicrophoneEntry[]> {
  const cards = new Map<number, { id: string; name: string }>();
  for (const line of (await machine.text('proc/asound/cards')).split('\n')) {
    const [, number, id, name] = /^\s*(\d+)\s+\[(\S+)\s*\]:\s*(?:\S+ - )?(.*)$/.exec(line) ?? [];
    if (id !== undefined && /^[\w-]+$/.test(id)) cards.set(Number(number), { id, name: name?.trim() || id });
  }
  const found: MicrophoneEntry[] = [];
  for (const line of (await machine.text('proc/asound/pcm')).split('\n')) {
    const [, number, device] = /^(\d+)-(\d+):.*\bcapture\b/.exec(line) ?? [];
    const card = cards.get(Number(number));
    if (!card) continue;
    const isFirst = !found.some(({ setting }) => setting.includes(`CARD=${card.id},`));
    const name = isFirst ? card.name : `${card.name} ${Number(device) + 1}`;
    found.push({ setting: `alsa:plughw:CARD=${card.id},DEV=${Number(device)}`, name: name.slice(0, 64) });
  }
  return found;
}

/** "../../../1-1.2:1.0" names interface 0 of USB device 1-1.2. */
async function usbDevice(machine: Machine, path: string): Promise<string> {
  return /([\d.-]+):\d+\.\d+\/?$/.exec(await machine.link(path))?.[1] ?? '';
}
