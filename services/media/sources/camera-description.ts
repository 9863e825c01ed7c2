import type { CameraMode, OfferedControl } from '#core/domain/camera.ts';
import type { CameraAddress } from './contract.ts';
import type { ChildSource } from './source-process.ts';

/** What a camera offers, as the kernel or libcamera says it. */
export interface CameraDescription {
  modes: CameraMode[];
  controls: OfferedControl[];
}

/** A camera that does not answer is not waited for. */
const deadlineMs = 15_000;

/**
 * Asks a camera what it offers, in a process of its own: a broken one may block it.
 * @returns null where that can't be known
 */
export function describeCamera(
  children: ChildSource<'source'>,
  camera: CameraAddress,
): Promise<CameraDescription | null> {
  const child = children.take();
  return new Promise((resolve) => {
    const settle = (description: CameraDescription | null): void => {
      clearTimeout(timer);
      child.close();
      resolve(description);
    };
    const timer = setTimeout(() => settle(null), deadlineMs);
    timer.unref();
    child.events.on('message', (message) => {
      if (message.type === 'described') settle(message.description);
    });
    child.events.on('died', () => settle(null));
    child.send({ type: 'describe', camera });
  });
}
