import t from 'tap';
import { pipelineText } from '#media/encoder/pipeline-text.ts';
import type { PipelinePlan } from '#media/encoder/plan.ts';

type Change = Partial<Omit<PipelinePlan, 'video'>> & { video?: Partial<PipelinePlan['video']> };

function plan({ video, ...rest }: Change = {}): PipelinePlan {
  return {
    sound: false,
    baseMonotonicMs: 0,
    slate: { name: 'Onair', words: 'Back in a moment' },
    encoder: 'x264enc',
    device: null,
    video: {
      width: 1280,
      height: 720,
      framesPerSecond: 30,
      bitrateKbps: 3_000,
      keyFrameIntervalSeconds: 1,
      ...video,
    },
    audioBitrateKbps: 96,
    rtp: { videoPort: 5004, audioPort: 5006 },
    streams: { videoSsrc: 4_294_967_281, audioSsrc: 17 },
    ...rest,
  };
}

const queue = 'queue leaky=downstream max-size-time=1000000000 max-size-bytes=8388608 max-size-buffers=0';
const pictures =
  'appsrc name=pictures is-live=true format=time max-buffers=2 max-bytes=0 leaky-type=downstream caps="video/x-raw,format=I420,width=1280,height=720,framerate=30/1,pixel-aspect-ratio=1/1,interlace-mode=progressive,colorimetry=bt709"';
const x264 =
  'x264enc name=encoder tune=zerolatency speed-preset=superfast bitrate=3000 vbv-buf-capacity=500 key-int-max=30 option-string=scenecut=0 ! video/x-h264,profile=constrained-baseline';
const parse = 'h264parse name=parser ! video/x-h264,stream-format=avc,alignment=au ! tee name=coded';
const videoRtp = (drop = false, port = 5004) =>
  `coded. ! ${queue} ! rtph264pay pt=96 ssrc=4294967281 mtu=1200 config-interval=-1 aggregate-mode=zero-latency timestamp-offset=0 seqnum-offset=0 ! valve name=video-valve drop=${drop} ! udpsink name=video-rtp host=127.0.0.1 port=${port} sync=false async=false`;
const videoGdp = `coded. ! ${queue} ! gdppay crc-header=false ! fdsink fd=4 sync=false async=false`;
const soundCaps = 'audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=2';
const pushedSound = `appsrc name=sound is-live=true format=time max-buffers=50 max-bytes=0 leaky-type=downstream caps="${soundCaps}" ! tee name=heard`;
const opus = `heard. ! ${queue} ! audioconvert ! opusenc bitrate=96000 frame-size=20 complexity=5 ! tee name=opus opus. ! rtpopuspay pt=111 ssrc=17 timestamp-offset=0 seqnum-offset=0 ! valve name=audio-valve drop=false ! udpsink name=audio-rtp host=127.0.0.1 port=5006 sync=false async=false opus. ! ${queue} ! gdppay crc-header=false ! fdsink fd=6 sync=false async=false`;
const aac = `heard. ! ${queue} ! audioconvert ! voaacenc bitrate=96000 ! audio/mpeg,mpegversion=4,stream-format=raw ! gdppay crc-header=false ! fdsink fd=5 sync=false async=false`;

const table: { what: string; plan: PipelinePlan; text: string[] }[] = [
  {
    what: 'pictures without sound',
    plan: plan(),
    text: [`${pictures} ! ${x264} ! ${parse}`, videoRtp(), videoGdp],
  },
  {
    what: 'with sound',
    plan: plan({ sound: true }),
    text: [`${pictures} ! ${x264} ! ${parse}`, videoRtp(), videoGdp, pushedSound, opus, aac],
  },
  {
    what: 'egress is away: packets go nowhere',
    plan: plan({ rtp: null }),
    text: [`${pictures} ! ${x264} ! ${parse}`, videoRtp(true, 9), videoGdp],
  },
  {
    what: 'GOP of 2.5 s at 1.5 Mbit/s',
    plan: plan({ video: { keyFrameIntervalSeconds: 2.5, bitrateKbps: 1_500 } }),
    text: [
      `${pictures} ! ${x264.replace('=3000', '=1500').replace('key-int-max=30', 'key-int-max=75')} ! ${parse}`,
      videoRtp(),
      videoGdp,
    ],
  },
  {
    what: 'hardware at 1080p60 needs level 4.2',
    plan: plan({ encoder: 'v4l2h264enc', video: { width: 1920, height: 1080, framesPerSecond: 60 } }),
    text: [
      `${pictures.replace('width=1280,height=720,framerate=30/1', 'width=1920,height=1080,framerate=60/1')} ! v4l2h264enc name=encoder extra-controls="controls,video_bitrate=3000000,h264_i_frame_period=60,repeat_sequence_header=1" ! video/x-h264,profile=constrained-baseline,level=(string)4.2 ! ${parse}`,
      videoRtp(),
      videoGdp,
    ],
  },
];

for (const row of table) {
  t.test(row.what, async (t) => t.equal(pipelineText(row.plan), row.text.join(' ')));
}
