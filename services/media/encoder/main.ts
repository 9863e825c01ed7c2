import { trimMemory } from '#core/runtime/memory-trim.ts';
import { monotonicMs } from '#core/runtime/monotonic.ts';
import { loadSystemAddon } from '#core/runtime/system-addon.ts';
import { loadGStreamer } from '../gstreamer.ts';
import { EncodePipeline } from './encode-pipeline.ts';
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
const warmUpPlan: PipelinePlan = {
  encoder: 'x264enc',
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
  pipeline = new EncodePipeline(gstreamer, plan);
  mixer = new Mixer({ plan, pipeline, notify });
  notify({ type: 'prepared' });
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
      pipeline?.forceKeyFrame();
      break;
    case 'rtp':
      pipeline?.retarget(message.rtp);
      break;
    case 'bitrate':
      pipeline?.setBitrate(message.bitrateKbps);
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
  new EncodePipeline(gstreamer, warmUpPlan);
} catch {
  // An element is missing: the plan that needs it will say so.
}
notify({ type: 'warm' });
trimMemory(loadSystemAddon());
