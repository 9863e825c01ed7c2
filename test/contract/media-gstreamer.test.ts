import t from 'tap';
import { loadGStreamer } from '#media/child/gstreamer.ts';
import type { PipelinePlan } from '#media/pipeline-plan.ts';
import { clipText, elementNames, pipelineText } from '#media/pipeline-text.ts';

// What pipeline-text.ts writes must be what the GStreamer of this machine can build.

const base: PipelinePlan = {
  pictures: { kind: 'test' },
  sound: { kind: 'none' },
  encoder: 'x264enc',
  video: {
    width: 640,
    height: 360,
    framesPerSecond: 30,
    bitrateKbps: 1_000,
    rotate: 0,
    keyFrameIntervalSeconds: 1,
  },
  audioBitrateKbps: 96,
  rtp: null,
};
const gstreamer = loadGStreamer();

/** Builds it, with stand-ins for what only a board has. */
function build(text: string) {
  const standIn = text
    .replace(/v4l2h264enc name=encoder extra-controls="[^"]*"/, 'x264enc name=encoder')
    .replace('libcamerasrc name=camera', 'fakesrc name=camera');
  return new gstreamer.Pipeline(standIn);
}

for (const pictures of [
  { kind: 'test' },
  { kind: 'file', path: '/clip.mp4' },
  { kind: 'v4l2', device: '/dev/video0' },
  { kind: 'csi' },
] as const) {
  for (const encoder of ['x264enc', 'v4l2h264enc'] as const) {
    for (const rotate of [0, 90, 180, 270] as const) {
      t.test(`${pictures.kind}, ${encoder}, turned by ${rotate}`, async (t) => {
        const plan = { ...base, pictures, encoder, video: { ...base.video, rotate } };
        const pipeline = build(pipelineText(plan));
        t.ok(pipeline.findChild(elementNames.encoder));
      });
    }
  }
}

t.test('each kind of sound', async (t) => {
  for (const sound of [
    { kind: 'beep' },
    { kind: 'clip' },
    { kind: 'alsa', device: 'hw:CARD=Cam,DEV=0' },
  ] as const) {
    const pipeline = build(pipelineText({ ...base, sound }));
    if (sound.kind === 'alsa') t.equal(pipeline.findChild(elementNames.microphone)?.device, sound.device);
    t.ok(pipeline.findChild(elementNames.audioRtp));
  }
});

t.test("a clip's path goes in as a property, whatever is in it", async (t) => {
  const pipeline = build(clipText({ ...base, sound: { kind: 'clip' } }));
  const clip = pipeline.findChild(elementNames.clip);
  const path = '/a "b" ! fakesink name=\'x\'\n\\ é.mp4';
  if (clip) clip.location = path;
  t.equal(clip?.location, path);
  t.ok(pipeline.findChild(elementNames.clipPictures)?.pull, 'pictures can be pulled');
  t.ok(pipeline.findChild(elementNames.clipSound)?.pull, 'and sound');
});

t.test('every element that is addressed while the pipeline runs is there', async (t) => {
  const pipeline = build(pipelineText({ ...base, sound: { kind: 'beep' } }));
  for (const name of [
    'pictures',
    'sound',
    'encoder',
    'parser',
    'videoValve',
    'audioValve',
    'videoRtp',
    'audioRtp',
  ] as const) {
    t.ok(pipeline.findChild(elementNames[name]), name);
  }
  const sink = pipeline.findChild(elementNames.videoRtp);
  if (sink) sink.port = 65_535;
  t.equal(sink?.port, 65_535, 'a port is set exactly');
  const encoder = pipeline.findChild(elementNames.encoder);
  if (encoder) encoder.bitrate = 25_000;
  t.equal(encoder?.bitrate, 25_000);
});
