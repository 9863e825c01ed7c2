import type { CameraControls } from '#core/domain/camera.ts';
import { type GstPipeline, loadGStreamer } from '../gstreamer.ts';
import { ReasonError } from '../reason-error.ts';
import { AdjustableCamera } from './adjustable-camera.ts';
import { v4l2Camera } from './camera-hardware.ts';
import type { CameraAddress, Source, SourceContext, SourcePlan } from './contract.ts';
import { hasLens } from './devices.ts';
import { i420Bytes } from './frame-file.ts';
import { LibcameraCamera } from './libcamera-camera.ts';
import { Machine } from './machine.ts';
import { chain, convertText, sourceElements } from './picture-text.ts';
import { PulledFrames } from './pulled-frames.ts';

const newestOnly = 'queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0';

/** The text of a camera's pipeline. The device is a path that passed a strict pattern (`videoSource`). */
export function cameraText(camera: CameraAddress, video: SourcePlan['video']): string {
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
export function openCamera(context: SourceContext, camera: CameraAddress): Source {
  const { video } = context.plan;
  const pipeline = new (loadGStreamer().Pipeline)(cameraText(camera, video));
  let playing = false;
  let adjustable: AdjustableCamera | null = null;
  let controls: CameraControls = {};
  const frames = new PulledFrames(pipeline, sourceElements.pictures, {
    maxFrameBytes: i420Bytes(video.width, video.height) + 4_096,
    onFrame: (bytes, capturedMs) => {
      context.picture(bytes, capturedMs);
      if (playing) return;
      playing = true;
      // The device is open from now on.
      void adjustableOf(camera, pipeline).then((opened) => {
        adjustable = opened;
        adjust();
      });
      const { width, height, framesPerSecond } = video;
      const own = { width, height, framesPerSecond };
      context.state({ state: 'playing', video: own, sound: false, reason: null });
    },
    onEnd: () => {
      const { reason } = ReasonError.of('source-lost', 'its stream ended');
      context.state({ state: 'failed', video: null, sound: false, reason });
    },
  });
  const adjust = (): void => {
    if (adjustable) context.refused(adjustable.set(controls));
  };
  return {
    async start() {
      pipeline.play();
      frames.start();
    },
    setControls(wanted) {
      controls = wanted;
      adjust();
    },
  };
}

/** Null where the camera can't be asked what it offers. */
async function adjustableOf(camera: CameraAddress, pipeline: GstPipeline): Promise<AdjustableCamera | null> {
  try {
    if (camera.kind === 'v4l2') return new AdjustableCamera(v4l2Camera(camera.device));
    const element = pipeline.findChild(sourceElements.camera);
    const lens = await hasLens(new Machine());
    return element ? new AdjustableCamera(new LibcameraCamera(element, { lens })) : null;
  } catch {
    return null;
  }
}
