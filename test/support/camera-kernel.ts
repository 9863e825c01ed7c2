import { execFileSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { V4l2CameraAddon } from '#media/sources/v4l2-camera.ts';
import { nodeHeaders } from '../../bin/system-addon.mjs';
import { checkout } from './command.ts';

/** The path that native/camera-kernel.c answers for. */
export const kernelCamera = '/dev/null';
let cameras = 0;

/**
 * The addon on a kernel that has one USB camera: native/camera-kernel.c, linked into it in place of the system's
 * ioctl(2). No machine that tests has a camera.
 */
export function addonOnVirtualKernel(folder: string): V4l2CameraAddon {
  cameras += 1;
  const library = join(folder, `v4l2-${cameras}.node`);
  const sources = ['services/media/native/v4l2.c', 'test/support/native/camera-kernel.c'];
  const options = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror', '-Wl,-Bsymbolic'];
  const headers = nodeHeaders() ?? '/usr/include/node';
  const camera = `-DONAIR_TEST_CAMERA="${join(folder, `camera-${cameras}`)}"`;
  const files = sources.map((source) => join(checkout, source));
  execFileSync(process.env.CC || 'cc', [...options, camera, '-isystem', headers, '-o', library, ...files]);
  const addon = createRequire(import.meta.url)(library) as V4l2CameraAddon;
  openSync(kernelCamera, 'r+'); // as the pipeline has its camera
  return addon;
}
