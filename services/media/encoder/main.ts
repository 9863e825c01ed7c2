import { trimMemory } from '#core/runtime/memory-trim.ts';
import { monotonicMs } from '#core/runtime/monotonic.ts';
import { loadSystemAddon } from '#core/runtime/system-addon.ts';
import { loadGStreamer } from '../gstreamer.ts';
import { EncodePipeline } from './encode-pipeline.ts';
import { loadV4l2Addon } from './hardware-encoder.ts';
import { Mixer } from './mixer.ts';
import type { FromPipeline, PipelinePlan, ToPipeline } from './plan.ts';

/**
 * The process that encodes and does nothing else: raw frames of the source processes in, the slate where none come,
 * encoded frames out. Native code may block or die here without harm. It plays at most one plan in its life, and ends
 * with its parent. Errors inside GStreamer appear on stderr, which the parent reads; frames go out on file
 * descriptors 3 and 4.
 */
process.title = 'onair-media-encoder';
// SIGKILL, since a thread that waits for GStreamer would hold up an ordinary exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => {}); // Ctrl-C goes to the whole group: the parent decides.

const notify = (message: FromPipeline): void => {
  process.send?.(message);
};

const gstreamer = loadGStreamer();
const v4l2 = loadV4l2Addon();
const warmUpPlan: PipelinePlan = {
  encoder: 'x264enc',
  device: null,
  video: { width: 320, height: 180, framesPerSecond: 30, bitrateKbps: 1_000, keyFrameIntervalSeconds: 1 },
  sound: true,
  audioBitrateKbps: 96,
  rtp: null,
  streams: { videoSsrc: 0, audioSsrc: 0 },
  baseMonotonicMs: monotonicMs(),
  slate: { name: '', words: '' },
};
let pipeline: EncodePipeline | null = null;
let mixer: Mixer | null = null;

function prepare(plan: PipelinePlan): void {
  pipeline = new EncodePipeline(gstreamer, plan, v4l2);
  mixer = new Mixer({ plan, pipeline, notify });
  const { standIn, liveBitrate } = pipeline;
  notify({ type: 'prepared', standIn, liveBitrate });
}

/** What a device that is gone or broken refuses shows by frames that stop: nothing is lost here. */
function tryOn(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

process.on('message', (message: ToPipeline) => {
  switch (message.type) {
    case 'prepare':
      try {
        prepare(message.plan);
      } catch (error) {
        notify({ type: 'failed', text: (error as Error).message });
      }
      break;
    case 'play':
      pipeline?.play();
      mixer?.start();
      break;
    case 'key_frame':
      tryOn(() => pipeline?.forceKeyFrame());
      break;
    case 'rtp':
      pipeline?.retarget(message.rtp);
      break;
    case 'bitrate':
      if (!tryOn(() => pipeline?.setBitrate(message.bitrateKbps))) notify({ type: 'bitrate_refused' });
      break;
    case 'air':
      mixer?.setAir(message.air);
      break;
    case 'sound':
      mixer?.setSound(message.controls);
      break;
    case 'slate':
      mixer?.setSlate(message.slate);
      break;
  }
});

try {
  // Building it loads the plug-ins: most of what a first start waits for.
  new EncodePipeline(gstreamer, warmUpPlan, v4l2);
} catch {
  // An element is missing: the plan that needs it will say so.
}
notify({ type: 'warm' });
trimMemory(loadSystemAddon());
