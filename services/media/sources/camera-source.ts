import { loadGStreamer } from '../gstreamer.ts';
import { ReasonError } from '../reason-error.ts';
import type { Source, SourceAddress, SourceContext, SourcePlan } from './contract.ts';
import { i420Bytes } from './frame-file.ts';
import { chain, convertText, sourceElements } from './picture-text.ts';
import { PulledFrames } from './pulled-frames.ts';

type Camera = Extract<SourceAddress, { kind: 'v4l2' | 'csi' }>;

const newestOnly = 'queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0';

/** The text of a camera's pipeline. The device is a path that passed a strict pattern (`videoSource`). */
export function cameraText(camera: Camera, video: SourcePlan['video']): string {
  const turned = video.rotate === 90 || video.rotate === 270;
  const width = turned ? video.height : video.width;
  const height = turned ? video.width : video.height;
  const size = `width=${width},height=${height},framerate=${video.framesPerSecond}/1`;
  const convert = convertText(video, { auto: false, rate: 'videorate skip-to-first=true' });
  const end =
    'gdppay crc-header=false ! appsink name=pictures sync=false async=false max-buffers=2 drop=false';
  if (camera.kind === 'v4l2') {
    // The first of these caps is v4l2src's preference: the exact size raw, then as JPEG, then the nearest.
    return chain(
      `v4l2src name=camera device=${camera.device}`,
      `capsfilter caps="video/x-raw,${size};image/jpeg,${size};video/x-raw;image/jpeg"`,
      'decodebin',
      newestOnly,
      convert,
      end,
    );
  }
  return chain(
    'libcamerasrc name=camera',
    `video/x-raw,format=NV12,${size},colorimetry=bt709,interlace-mode=progressive`,
    newestOnly,
    convert,
    end,
  );
}

/** A camera: V4L2 (USB, capture cards) or on the board's own connector. */
export function openCamera(context: SourceContext, camera: Camera): Source {
  const { video } = context.plan;
  const pipeline = new (loadGStreamer().Pipeline)(cameraText(camera, video));
  let playing = false;
  const frames = new PulledFrames(pipeline, sourceElements.pictures, {
    maxFrameBytes: i420Bytes(video.width, video.height) + 4_096,
    onFrame: (bytes, capturedMs) => {
      context.picture(bytes, capturedMs);
      if (playing) return;
      playing = true;
      const { width, height, framesPerSecond } = video;
      const own = { width, height, framesPerSecond };
      context.state({ state: 'playing', video: own, sound: false, reason: null });
    },
    onEnd: () => {
      const { reason } = ReasonError.of('source-lost', 'its stream ended');
      context.state({ state: 'failed', video: null, sound: false, reason });
    },
  });
  return {
    async start() {
      pipeline.play();
      frames.start();
    },
  };
}
