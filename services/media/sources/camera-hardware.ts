import { loadGStreamer } from '../gstreamer.ts';
import { loadAddon } from '../load-addon.ts';
import type { CameraDescription } from './camera-description.ts';
import type { CameraAddress } from './contract.ts';
import { hasLens } from './devices.ts';
import { LibcameraCamera } from './libcamera-camera.ts';
import { Machine } from './machine.ts';
import { V4l2Camera, type V4l2CameraAddon } from './v4l2-camera.ts';

/** A camera's controls, through the kernel. @throws Error with the system's code */
export function v4l2Camera(device: string): V4l2Camera {
  return new V4l2Camera(loadAddon<V4l2CameraAddon>('./v4l2.node'), device);
}

/** Asks a camera what it offers; one that is on the air is not disturbed. @throws Error where that can't be known */
export async function describe(camera: CameraAddress): Promise<CameraDescription> {
  if (camera.kind === 'v4l2') {
    const { modes, offered } = v4l2Camera(camera.device);
    return { modes, controls: [...offered] };
  }
  const lens = await hasLens(new Machine());
  const pipeline = new (loadGStreamer().Pipeline)('libcamerasrc name=camera ! fakesink');
  const element = pipeline.findChild('camera');
  return { modes: [], controls: element ? [...new LibcameraCamera(element, { lens }).offered] : [] };
}
