import { monotonicMs } from '#core/runtime/monotonic.ts';
import type { GstAppSink } from '../gstreamer.ts';
import { loadGStreamer } from '../gstreamer.ts';
import { ReasonError } from '../reason-error.ts';
import type { Source, SourceContext, SourcePlan } from './contract.ts';
import { chain, convertText, sourceElements } from './picture-text.ts';

/** The text that decodes one picture; its path is set as a property. */
export function imageText(video: SourcePlan['video']): string {
  return chain(
    'filesrc name=image',
    'decodebin',
    'imagefreeze num-buffers=1',
    convertText(video, { auto: false, rate: `videorate` }),
    'appsink name=pictures sync=false async=false max-buffers=1',
  );
}

/** A still picture, handed over once a second. */
export function openImage(context: SourceContext, path: string): Source {
  const { video } = context.plan;
  const pipeline = new (loadGStreamer().Pipeline)(imageText({ ...video, rotate: 0 }));
  const image = pipeline.findChild(sourceElements.image);
  if (image) image.location = path;
  const sink = pipeline.findChild(sourceElements.pictures) as GstAppSink;
  return {
    async start() {
      pipeline.play();
      const bytes = await new Promise<Buffer | null>((resolve) => sink.pull(resolve));
      if (bytes === null) throw ReasonError.of('slate-unreadable', path);
      const handOver = () => context.picture(bytes, monotonicMs());
      handOver();
      setInterval(handOver, 1_000);
      const { width, height } = video;
      context.state({
        state: 'playing',
        video: { width, height, framesPerSecond: 1 },
        sound: false,
        reason: null,
      });
    },
  };
}
