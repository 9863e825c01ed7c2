import { monotonicMs } from '#core/runtime/monotonic.ts';
import { TestPicture } from '../test-picture/painter.ts';
import { Beep } from './beep-source.ts';
import type { Source, SourceContext } from './contract.ts';
import { Pacer } from './pacer.ts';

/**
 * The test picture, one for each frame slot, with a beep at each full second; a slot that was missed is skipped, as its
 * counter shows. It is upright whatever `video.rotate` says: that corrects how a camera is mounted, and how a clip was
 * filmed.
 */
export function openTest(context: SourceContext): Source {
  const { width, height, framesPerSecond: perSecond } = context.plan.video;
  const picture = new TestPicture(width, height);
  return {
    async start() {
      const onSlot = (frame: number, dueMs: number) => {
        const clockMs = Math.round(Date.now() - (monotonicMs() - dueMs));
        context.picture(picture.paint({ clockMs, frame }), dueMs);
      };
      const baseMs = monotonicMs();
      new Pacer({ perSecond, catchUp: 0, onSlot }).start(baseMs);
      if (context.plan.sound) new Beep(context).start(baseMs);
      const video = { width, height, framesPerSecond: perSecond };
      context.state({ state: 'playing', video, sound: context.plan.sound, reason: null });
    },
  };
}
