import { basename, resolve } from 'node:path';
import { type MediaRequest, withoutSecrets } from '#core/domain/media.ts';
import type { Problem } from '#core/domain/problem.ts';
import { ReasonError } from '../reason-error.ts';
import { reasonOf } from '../reasons.ts';
import type { SourceAddress } from './contract.ts';
import { csiSensor, encoderNodes, hasLibcamera, microphone, videoNodes } from './devices.ts';
import type { Machine } from './machine.ts';

/** Where sound comes from, once `auto` is decided: nowhere, with the pictures, or from a process of its own. */
export type SoundChoice = 'none' | 'own' | Extract<SourceAddress, { kind: 'microphone' | 'beep' }>;

/** @throws ReasonError where no encoder could work with these figures */
export function checkFigures({ video, audio, hls }: MediaRequest): void {
  const within = (name: string, value: number, least: number, most: number) => {
    if (value >= least && value <= most) return;
    throw ReasonError.of('request-invalid', `${name} is ${value}, it must be from ${least} to ${most}`);
  };
  within('video.width', video.width, 160, 3840);
  within('video.height', video.height, 120, 2160);
  within('video.framesPerSecond', video.framesPerSecond, 1, 120);
  within('video.bitrateKbps', video.bitrateKbps, 50, 50_000);
  within('video.keyFrameIntervalSeconds', video.keyFrameIntervalSeconds, 0.1, 60);
  within('audio.bitrateKbps', audio.bitrateKbps, 16, 320);
  within('hls.partMs', hls.partMs, 50, 5_000);
  if (video.width % 2 !== 0 || video.height % 2 !== 0) {
    throw ReasonError.of('request-invalid', `${video.width}x${video.height} must be even both ways`);
  }
}

/**
 * What a source's setting means on this machine. Looks at everything it names, before anything is started.
 * @throws ReasonError in words for people
 */
export async function resolvePictures(source: string, machine: Machine): Promise<SourceAddress> {
  if (source === 'test' || source === 'rtmp' || source === 'srt' || source === 'whip')
    return { kind: source };
  if (source.startsWith('rtsp://') || source.startsWith('rtsps://')) return { kind: 'rtsp', url: source };
  if (source.startsWith('srt://')) return { kind: 'srt-caller', url: source };
  if (source === 'csi') return { kind: 'csi' };
  if (source === 'auto') return firstCamera(machine);
  if (source.startsWith('file:')) return checkClip(resolve(source.slice('file:'.length)), machine);
  return checkCamera(source.slice('v4l2:'.length), machine);
}

async function firstCamera(machine: Machine): Promise<SourceAddress> {
  const sensor = await csiSensor(machine);
  const libcamera = await hasLibcamera(machine);
  if (sensor !== null && libcamera) return { kind: 'csi' };
  const nodes = await videoNodes(machine);
  for (const { path, capture } of nodes) {
    if (capture !== false) return checkCamera(path, machine);
  }
  const csi =
    sensor === null ? 'no CSI sensor' : `CSI sensor ${sensor}, but gstreamer1.0-libcamera is not installed`;
  const v4l2 = nodes.length === 0 ? 'no /dev/video* device' : 'no /dev/video* device that captures';
  throw ReasonError.of('no-camera', `looked for a CSI camera (${csi}) and a V4L2 camera (${v4l2})`);
}

async function checkCamera(path: string, machine: Machine): Promise<SourceAddress> {
  const found = await machine.inspect(path);
  if (found.kind === 'missing') throw ReasonError.of('source-missing', path);
  if (found.kind === 'denied') throw ReasonError.of('source-denied', path);
  if (found.kind !== 'device') throw ReasonError.of('source-not-capture', path);
  const node = (await videoNodes(machine)).find(({ number }) => number === found.number);
  if (!node || node.capture === false) throw ReasonError.of('source-not-capture', path);
  const opening = await machine.tryOpen(path, 'read-write');
  if (opening !== 'opens') throw ReasonError.of(`source-${opening}`, path);
  // The kernel's own name: a link below /dev/v4l/by-id may lead elsewhere after the next plugging.
  return { kind: 'v4l2', device: node.path };
}

async function checkClip(path: string, machine: Machine): Promise<SourceAddress> {
  const { kind } = await machine.inspect(path);
  if (kind === 'missing' || kind === 'denied') throw ReasonError.of(`clip-${kind}`, path);
  if (kind !== 'file') throw ReasonError.of('clip-not-file', path);
  if ((await machine.tryOpen(path, 'read')) !== 'opens') throw ReasonError.of('clip-denied', path);
  return { kind: 'file', path };
}

/** What is heard with these pictures. */
export async function resolveSound(
  source: string,
  pictures: SourceAddress,
  machine: Machine,
): Promise<SoundChoice> {
  if (source === 'none') return 'none';
  if (source === 'test') return pictures.kind === 'test' ? 'own' : { kind: 'beep' };
  if (source.startsWith('alsa:')) return { kind: 'microphone', device: source.slice('alsa:'.length) };
  if (pictures.kind !== 'v4l2' && pictures.kind !== 'csi') return 'own';
  const node = pictures.kind === 'v4l2' ? basename(pictures.device) : null;
  const device = await microphone(machine, node);
  return device === null ? 'own' : { kind: 'microphone', device };
}

/** The encoder to take; `standIn` says why it is x264enc where hardware was wished for. */
export type EncoderChoice =
  | { encoder: 'v4l2h264enc'; device: string; standIn: null }
  | { encoder: 'x264enc'; device: null; standIn: Problem | null };

/**
 * Hardware where there is some that opens, else x264enc: a broadcast never waits for hardware.
 * @param avoidance why hardware is not to be taken now  @param isExpected there was some before
 */
export async function resolveEncoder(
  choice: MediaRequest['video']['encoder'],
  machine: Machine,
  { avoidance = null as Problem | null, isExpected = false } = {},
): Promise<EncoderChoice> {
  if (choice === 'x264enc') return { encoder: 'x264enc', device: null, standIn: null };
  let standIn = choice === 'v4l2h264enc' || isExpected ? reasonOf('encoder-missing') : null;
  for (const device of await encoderNodes(machine)) {
    const opening = await machine.tryOpen(device, 'read-write');
    if (opening === 'opens') {
      if (avoidance === null) return { encoder: 'v4l2h264enc', device, standIn: null };
      standIn = avoidance;
      break;
    }
    if (opening !== 'missing') standIn = reasonOf(`encoder-${opening}`, device);
  }
  return { encoder: 'x264enc', device: null, standIn };
}

/** How people name where pictures come from; the same words as `video.source` in the settings, without passwords. */
export function sourceName(address: SourceAddress): string {
  switch (address.kind) {
    case 'file':
    case 'image':
      return `file:${address.path}`;
    case 'v4l2':
      return `v4l2:${address.device}`;
    case 'rtsp':
    case 'srt-caller':
      return withoutSecrets(address.url);
    default:
      return address.kind;
  }
}
