import t from 'tap';
import type { PipelinePlan } from '#media/pipeline-plan.ts';
import { clipText, pipelineText } from '#media/pipeline-text.ts';

type Change = Partial<Omit<PipelinePlan, 'video'>> & { video?: Partial<PipelinePlan['video']> };

function plan({ video, ...rest }: Change = {}): PipelinePlan {
  return {
    pictures: { kind: 'test' },
    sound: { kind: 'none' },
    encoder: 'x264enc',
    video: {
      width: 1280,
      height: 720,
      framesPerSecond: 30,
      bitrateKbps: 3_000,
      rotate: 0,
      keyFrameIntervalSeconds: 1,
      ...video,
    },
    audioBitrateKbps: 96,
    rtp: { videoPort: 5004, audioPort: 5006 },
    ...rest,
  };
}

const queue = 'queue leaky=downstream max-size-time=1000000000 max-size-bytes=8388608 max-size-buffers=0';
const cameraQueue = 'queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0';
const testPictures =
  'appsrc name=pictures is-live=true format=time max-buffers=2 max-bytes=0 leaky-type=downstream caps="video/x-raw,format=I420,width=1280,height=720,framerate=30/1,pixel-aspect-ratio=1/1,interlace-mode=progressive,colorimetry=bt709"';
const x264 =
  'x264enc name=encoder tune=zerolatency speed-preset=superfast bitrate=3000 vbv-buf-capacity=500 key-int-max=30 option-string=scenecut=0 ! video/x-h264,profile=constrained-baseline';
const parse = 'h264parse name=parser ! video/x-h264,stream-format=avc,alignment=au ! tee name=coded';
const videoRtp = (drop = false, port = 5004) =>
  `coded. ! ${queue} ! rtph264pay pt=96 mtu=1200 config-interval=-1 aggregate-mode=zero-latency timestamp-offset=0 seqnum-offset=0 ! valve name=video-valve drop=${drop} ! udpsink name=video-rtp host=127.0.0.1 port=${port} sync=false async=false`;
const videoGdp = `coded. ! ${queue} ! gdppay crc-header=false ! fdsink fd=3 sync=false async=false`;
const soundCaps = 'audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=2';
const pushedSound = `appsrc name=sound is-live=true format=time max-buffers=50 max-bytes=0 leaky-type=downstream caps="${soundCaps}" ! tee name=heard`;
const opus = `heard. ! ${queue} ! audioconvert ! opusenc bitrate=96000 frame-size=20 complexity=5 ! tee name=opus opus. ! rtpopuspay pt=111 timestamp-offset=0 seqnum-offset=0 ! valve name=audio-valve drop=false ! udpsink name=audio-rtp host=127.0.0.1 port=5006 sync=false async=false opus. ! ${queue} ! gdppay crc-header=false ! fdsink fd=6 sync=false async=false`;
const aac = `heard. ! ${queue} ! audioconvert ! voaacenc bitrate=96000 ! audio/mpeg,mpegversion=4,stream-format=raw ! gdppay crc-header=false ! fdsink fd=4 sync=false async=false`;
const raw = (width: number, height: number) => `width=${width},height=${height},framerate=30/1`;

const table: { what: string; plan: PipelinePlan; text: string[] }[] = [
  {
    what: 'the test picture without sound',
    plan: plan(),
    text: [`${testPictures} ! ${x264} ! ${parse}`, videoRtp(), videoGdp],
  },
  {
    what: 'with the beep',
    plan: plan({ sound: { kind: 'beep' } }),
    text: [`${testPictures} ! ${x264} ! ${parse}`, videoRtp(), videoGdp, pushedSound, opus, aac],
  },
  {
    what: 'a clip is pushed like the test picture: its path is never in the text',
    plan: plan({
      pictures: { kind: 'file', path: '/a "clip" ! filesink location=/etc/x' },
      sound: { kind: 'clip' },
    }),
    text: [`${testPictures} ! ${x264} ! ${parse}`, videoRtp(), videoGdp, pushedSound, opus, aac],
  },
  {
    what: 'egress is away: packets go nowhere',
    plan: plan({ rtp: null }),
    text: [`${testPictures} ! ${x264} ! ${parse}`, videoRtp(true, 9), videoGdp],
  },
  {
    what: 'GOP of 2.5 s at 1.5 Mbit/s',
    plan: plan({ video: { keyFrameIntervalSeconds: 2.5, bitrateKbps: 1_500 } }),
    text: [
      `${testPictures} ! ${x264.replace('=3000', '=1500').replace('key-int-max=30', 'key-int-max=75')} ! ${parse}`,
      videoRtp(),
      videoGdp,
    ],
  },
  {
    what: 'a USB camera with its microphone',
    plan: plan({
      pictures: { kind: 'v4l2', device: '/dev/video0' },
      sound: { kind: 'alsa', device: 'plughw:1,0' },
    }),
    text: [
      `v4l2src name=camera device=/dev/video0 ! capsfilter caps="video/x-raw,${raw(1280, 720)};image/jpeg,${raw(1280, 720)};video/x-raw;image/jpeg" ! decodebin ! ${cameraQueue} ! videoconvert ! videoscale add-borders=true ! videorate skip-to-first=true ! video/x-raw,format=I420,${raw(1280, 720)},pixel-aspect-ratio=1/1 ! ${x264} ! ${parse}`,
      videoRtp(),
      videoGdp,
      `alsasrc name=microphone device="plughw:1,0" provide-clock=false buffer-time=80000 latency-time=10000 ! queue leaky=downstream max-size-time=500000000 max-size-bytes=0 max-size-buffers=0 ! audioconvert ! audioresample ! audiorate ! ${soundCaps} ! tee name=heard`,
      opus,
      aac,
    ],
  },
  {
    what: 'a camera on its side is asked for the turned size',
    plan: plan({
      pictures: { kind: 'v4l2', device: '/dev/video2' },
      video: { rotate: 90, width: 720, height: 1280 },
    }),
    text: [
      `v4l2src name=camera device=/dev/video2 ! capsfilter caps="video/x-raw,${raw(1280, 720)};image/jpeg,${raw(1280, 720)};video/x-raw;image/jpeg" ! decodebin ! ${cameraQueue} ! videoconvert ! videoflip video-direction=90r ! videoscale add-borders=true ! videorate skip-to-first=true ! video/x-raw,format=I420,${raw(720, 1280)},pixel-aspect-ratio=1/1 ! ${x264} ! ${parse}`,
      videoRtp(),
      videoGdp,
    ],
  },
  {
    what: 'the CSI camera into the hardware encoder: no conversion between',
    plan: plan({ pictures: { kind: 'csi' }, encoder: 'v4l2h264enc' }),
    text: [
      `libcamerasrc name=camera ! video/x-raw,format=NV12,${raw(1280, 720)},colorimetry=bt709,interlace-mode=progressive ! ${cameraQueue} ! videorate skip-to-first=true ! video/x-raw,format=NV12,${raw(1280, 720)},pixel-aspect-ratio=1/1 ! v4l2h264enc name=encoder extra-controls="controls,video_bitrate=3000000,h264_i_frame_period=30,repeat_sequence_header=1" ! video/x-h264,profile=constrained-baseline,level=(string)4 ! ${parse}`,
      videoRtp(),
      videoGdp,
    ],
  },
  {
    what: 'the CSI camera upside down, in software',
    plan: plan({ pictures: { kind: 'csi' }, video: { rotate: 180 } }),
    text: [
      `libcamerasrc name=camera ! video/x-raw,format=NV12,${raw(1280, 720)},colorimetry=bt709,interlace-mode=progressive ! ${cameraQueue} ! videoflip video-direction=180 ! videorate skip-to-first=true ! videoconvert ! video/x-raw,format=I420,${raw(1280, 720)},pixel-aspect-ratio=1/1 ! ${x264} ! ${parse}`,
      videoRtp(),
      videoGdp,
    ],
  },
  {
    what: 'hardware at 1080p60 needs level 4.2',
    plan: plan({ encoder: 'v4l2h264enc', video: { width: 1920, height: 1080, framesPerSecond: 60 } }),
    text: [
      `${testPictures.replace('width=1280,height=720,framerate=30/1', 'width=1920,height=1080,framerate=60/1')} ! v4l2h264enc name=encoder extra-controls="controls,video_bitrate=3000000,h264_i_frame_period=60,repeat_sequence_header=1" ! video/x-h264,profile=constrained-baseline,level=(string)4.2 ! ${parse}`,
      videoRtp(),
      videoGdp,
    ],
  },
];

for (const row of table) {
  t.test(row.what, async (t) => t.equal(pipelineText(row.plan), row.text.join(' ')));
}

t.test('the clip is decoded to what the pipeline takes', async (t) => {
  const path = '/clips/a.mp4';
  const decode = 'filesrc name=clip ! decodebin name=decoder';
  const pictures = (turn = '') =>
    `decoder. ! videoconvert ! videoflip video-direction=auto ! ${turn}videoscale add-borders=true ! videorate ! video/x-raw,format=I420,${raw(1280, 720)},pixel-aspect-ratio=1/1 ! appsink name=clip-pictures sync=false async=false max-buffers=4`;
  const sound = `decoder. ! audioconvert ! audioresample ! audiorate ! ${soundCaps} ! appsink name=clip-sound sync=false async=false max-buffers=16`;
  t.equal(
    clipText(plan({ pictures: { kind: 'file', path }, sound: { kind: 'clip' } })),
    `${decode} ${pictures()} ${sound}`,
  );
  t.equal(
    clipText(plan({ pictures: { kind: 'file', path }, video: { rotate: 270 } })),
    `${decode} ${pictures('videoflip video-direction=90l ! ')}`,
  );
});
