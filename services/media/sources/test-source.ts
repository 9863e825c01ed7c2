import { monotonicMs } from '#core/runtime/monotonic.ts';
import { TestPicture } from '../test-picture/painter.ts';
import { AdjustableCamera } from './adjustable-camera.ts';
import { Beep } from './beep-source.ts';
import type { Source, SourceContext } from './contract.ts';
import { Pacer } from './pacer.ts';
import { VirtualCamera } from './virtual-camera.ts';

/**
 * The test picture, one for each frame slot, with a beep at each full second; a slot that was missed is skipped, as its
 * counter shows. It is upright whatever `video.rotate` says: that corrects how a camera is mounted, and how a clip was
 * filmed.
 */
export function openTest(context: SourceContext): Source {
  const { width, height, framesPerSecond: perSecond } = context.plan.video;
  const picture = new TestPicture(width, height);
  const camera = new VirtualCamera(context.plan.video, (bytes, capturedMs) =>
    context.picture(bytes, capturedMs),
  );
  const adjustable = new AdjustableCamera(camera);
  return {
    setControls: (controls) => void adjustable.set(controls),
    async start() {
      const onSlot = (frame: number, dueMs: number) => {
        const clockMs = Math.round(Date.now() - (monotonicMs() - dueMs));
        camera.picture(picture.paint({ clockMs, frame }), dueMs);
      };
      const baseMs = monotonicMs();
      new Pacer({ perSecond, catchUp: 0, onSlot }).start(baseMs);
      if (context.plan.sound) new Beep(context).start(baseMs);
      const video = { width, height, framesPerSecond: perSecond };
      context.state({ state: 'playing', video, sound: context.plan.sound, reason: null });
    },
  };
}
