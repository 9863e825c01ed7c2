import { trimMemory } from '#core/runtime/memory-trim.ts';
import { monotonicMs } from '#core/runtime/monotonic.ts';
import { loadSystemAddon } from '#core/runtime/system-addon.ts';
import type { FromPipeline, PipelinePlan, ToPipeline } from '../pipeline-plan.ts';
import { TestPicture } from '../test-picture/painter.ts';
import { BeepFeed } from './beep-feed.ts';
import { ClipFeed } from './clip-feed.ts';
import { EncodePipeline } from './encode-pipeline.ts';
import type { Feed } from './feed.ts';
import { loadGStreamer } from './gstreamer.ts';
import { TestFeed } from './test-feed.ts';

/**
 * The process that holds one GStreamer pipeline and nothing else: native code may block or die here without
 * harm. It plays at most one plan in its life, and ends with its parent. Errors inside GStreamer appear on
 * stderr, which the parent reads; frames go out on file descriptors 3 and 4.
 */
process.title = 'onair-media-pipeline';
// SIGKILL, since a thread that waits for GStreamer would hold up an ordinary exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => {}); // Ctrl-C goes to the whole group: the parent decides.

const say = (message: FromPipeline): void => {
  process.send?.(message);
};

const gstreamer = loadGStreamer();
const warmUpPlan: PipelinePlan = {
  pictures: { kind: 'test' },
  sound: { kind: 'beep' },
  encoder: 'x264enc',
  video: {
    width: 320,
    height: 180,
    framesPerSecond: 30,
    bitrateKbps: 1_000,
    rotate: 0,
    keyFrameIntervalSeconds: 1,
  },
  audioBitrateKbps: 96,
  rtp: null,
};
let pipeline: EncodePipeline | null = null;
const feeds: Feed[] = [];
let ownPictures = false;

async function prepare(plan: PipelinePlan): Promise<void> {
  let { sound } = plan;
  ownPictures = plan.pictures.kind === 'test' || plan.pictures.kind === 'file';
  if (plan.pictures.kind === 'test') feeds.push(new TestFeed(plan.video));
  if (plan.pictures.kind === 'file') {
    const clip = new ClipFeed(gstreamer, plan, plan.pictures.path);
    await clip.prepare();
    if (sound.kind === 'clip' && !clip.hasSound) sound = { kind: 'none' };
    feeds.push(clip);
  }
  if (sound.kind === 'beep') feeds.push(new BeepFeed());
  pipeline = new EncodePipeline(gstreamer, { ...plan, sound });
  for (const feed of feeds) if (!(feed instanceof ClipFeed)) await feed.prepare();
  say({ type: 'prepared', sound: sound.kind !== 'none' });
}

function play(): void {
  if (pipeline === null) return;
  pipeline.play();
  const baseMonotonicMs = monotonicMs();
  if (ownPictures) say({ type: 'clock', baseMonotonicMs });
  for (const feed of feeds) feed.start(pipeline, baseMonotonicMs);
}

process.on('message', (message: ToPipeline) => {
  switch (message.type) {
    case 'prepare':
      prepare(message.plan).catch((error: Error) => say({ type: 'failed', text: error.message }));
      break;
    case 'play':
      play();
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
  }
});

try {
  // Building it loads the plug-ins, and painting compiles the painter: most of what a first start waits for.
  new EncodePipeline(gstreamer, warmUpPlan);
  new TestPicture(warmUpPlan.video.width, warmUpPlan.video.height).paint({ clockMs: 0, frame: 0 });
} catch {
  // An element is missing: the plan that needs it will say so.
}
say({ type: 'warm' });
trimMemory(loadSystemAddon());
