import { monotonicMs } from '#core/runtime/monotonic.ts';
import { loadGStreamer } from '../gstreamer.ts';
import { type ClipColours, colourText, plainColours, probeColours, showPq } from './clip-colours.ts';
import { ClipReader } from './clip-reader.ts';
import type { Source, SourceContext, SourcePlan } from './contract.ts';
import { Pacer } from './pacer.ts';
import { chain, convertText, soundCaps, soundSampleRate } from './picture-text.ts';

const chunksPerSecond = 50;

/**
 * The text of the pipeline that decodes a clip, to be handed over at the pace of the clock.
 * The clip's path is set as a property, never written here.
 */
export function clipText(
  { video, sound }: Pick<SourcePlan, 'video' | 'sound'>,
  colours: ClipColours = plainColours,
): string {
  const branches = [
    chain('filesrc name=clip', 'decodebin name=decoder'),
    chain(
      'decoder.',
      convertText(video, { auto: true, rate: 'videorate', colours: colourText(colours) }),
      'appsink name=clip-pictures sync=false async=false max-buffers=4',
    ),
  ];
  if (sound) {
    branches.push(
      chain(
        'decoder.',
        'audioconvert',
        'audioresample',
        'audiorate',
        soundCaps,
        'appsink name=clip-sound sync=false async=false max-buffers=16',
      ),
    );
  }
  return branches.join(' ');
}

/** A clip, looped: decoded pictures and sound go on with the clock, so that nobody sees where a loop ends. */
export function openClip(context: SourceContext, path: string): Source {
  const { plan } = context;
  const { framesPerSecond, width, height } = plan.video;
  const gstreamer = loadGStreamer();
  return {
    async start() {
      const colours = await probeColours(gstreamer, path);
      const reader = new ClipReader({
        gstreamer,
        text: clipText(plan, colours),
        path,
        framesPerSecond,
        sampleRate: soundSampleRate,
        sound: plan.sound,
        onPicture: colours.pq ? (bytes) => showPq(bytes, width, height) : undefined,
      });
      await reader.open();
      const baseMs = monotonicMs();
      const onPicture = (frame: number, dueMs: number) => {
        const bytes = reader.takePicture(frame);
        if (bytes) context.picture(bytes, dueMs);
      };
      new Pacer({ perSecond: framesPerSecond, catchUp: 0, onSlot: onPicture }).start(baseMs);
      const video = { width, height, framesPerSecond };
      context.state({ state: 'playing', video, sound: reader.hasSound, reason: null });
      if (!reader.hasSound) return;
      const chunk = Buffer.alloc((soundSampleRate / chunksPerSecond) * 4);
      const onSound = (slot: number, dueMs: number) => {
        reader.takeSound((slot * soundSampleRate) / chunksPerSecond, chunk);
        context.sound(chunk, dueMs);
      };
      new Pacer({ perSecond: chunksPerSecond, catchUp: chunksPerSecond, onSlot: onSound }).start(baseMs);
    },
  };
}
