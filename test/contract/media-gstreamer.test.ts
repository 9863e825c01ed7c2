import t from 'tap';
import { elementNames, pipelineText } from '#media/encoder/pipeline-text.ts';
import type { PipelinePlan } from '#media/encoder/plan.ts';
import { loadGStreamer } from '#media/gstreamer.ts';
import { cameraText } from '#media/sources/camera-source.ts';
import { clipText } from '#media/sources/clip-source.ts';
import { imageText } from '#media/sources/image-source.ts';
import { microphoneText } from '#media/sources/microphone-source.ts';
import { sourceElements } from '#media/sources/picture-text.ts';

// What the texts of pipelines say must be what the GStreamer of this machine can build.

const video = { width: 640, height: 360, framesPerSecond: 30, rotate: 0 } as const;
const base: PipelinePlan = {
  encoder: 'x264enc',
  device: null,
  video: { width: 640, height: 360, framesPerSecond: 30, bitrateKbps: 1_000, keyFrameIntervalSeconds: 1 },
  sound: true,
  audioBitrateKbps: 96,
  rtp: null,
  streams: { videoSsrc: 1, audioSsrc: 2 },
  baseMonotonicMs: 0,
  slate: { name: 'Onair', words: 'Back in a moment' },
};
const gstreamer = loadGStreamer();

/** Builds it, with stand-ins for what only a board has. */
function build(text: string) {
  const standIn = text
    .replace(/v4l2h264enc name=encoder extra-controls="[^"]*"/, 'x264enc name=encoder')
    .replace('libcamerasrc name=camera', 'fakesrc name=camera');
  return new gstreamer.Pipeline(standIn);
}

for (const encoder of ['x264enc', 'v4l2h264enc'] as const) {
  t.test(encoder, async (t) => {
    t.ok(build(pipelineText({ ...base, encoder })).findChild(elementNames.encoder));
  });
}

for (const camera of [{ kind: 'v4l2', device: '/dev/video0' }, { kind: 'csi' }] as const) {
  for (const rotate of [0, 90, 180, 270] as const) {
    t.test(`${camera.kind}, turned by ${rotate}`, async (t) => {
      const pipeline = build(cameraText(camera, { ...video, rotate }));
      t.ok(pipeline.findChild(sourceElements.pictures)?.pull, 'pictures can be pulled');
    });
  }
}

t.test('a microphone, and a picture for the slate', async (t) => {
  const pipeline = build(microphoneText);
  const microphone = pipeline.findChild(sourceElements.microphone);
  if (microphone) microphone.device = 'hw:CARD=Cam,DEV=0';
  t.equal(microphone?.device, 'hw:CARD=Cam,DEV=0');
  t.ok(pipeline.findChild(sourceElements.sound)?.pull);
  t.ok(build(imageText(video)).findChild(sourceElements.image));
});

t.test("a clip's path goes in as a property, whatever is in it", async (t) => {
  const pipeline = build(clipText({ video, sound: true }));
  const clip = pipeline.findChild(sourceElements.clip);
  const path = '/a "b" ! fakesink name=\'x\'\n\\ é.mp4';
  if (clip) clip.location = path;
  t.equal(clip?.location, path);
  t.ok(pipeline.findChild(sourceElements.clipPictures)?.pull, 'pictures can be pulled');
  t.ok(pipeline.findChild(sourceElements.clipSound)?.pull, 'and sound');
});

t.test('every element that is addressed while the pipeline runs is there', async (t) => {
  const pipeline = build(pipelineText(base));
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
