import { levelOf } from './levels.ts';
import { audioDescriptor, opusDescriptor, type PipelinePlan, videoDescriptor } from './plan.ts';

/** Names by which the child finds elements whose properties it sets while the pipeline runs. */
export const elementNames = {
  pictures: 'pictures',
  sound: 'sound',
  encoder: 'encoder',
  /** Key frame requests go upstream from here. */
  parser: 'parser',
  videoValve: 'video-valve',
  audioValve: 'audio-valve',
  videoRtp: 'video-rtp',
  audioRtp: 'audio-rtp',
} as const;

export const soundSampleRate = 48_000;
/** voaacenc delays sound by this many samples and does not say so in its timestamps (measured by beeps). */
export const aacDelaySamples = 1_600;

export const soundCaps = `audio/x-raw,format=S16LE,layout=interleaved,rate=${soundSampleRate},channels=2`;
/** A stall in one branch must not stall the others: a queue that is full for this long drops its oldest. */
const branchQueue =
  'queue leaky=downstream max-size-time=1000000000 max-size-bytes=8388608 max-size-buffers=0';

export const chain = (...elements: (string | null)[]): string =>
  elements.filter((element) => element !== null).join(' ! ');

/**
 * The text for `gst_parse_launch` of the encoder's pipeline: encode what is pushed, once, and hand over the same frames
 * as RTP (loopback UDP, for egress) and as GDP (file descriptors, for the HLS parts and the media bus). Every value in it is a
 * number or a name of ours.
 * @param level of H.264, for the hardware encoder
 */
export function pipelineText(plan: PipelinePlan, level = levelOf(plan.video, null) ?? '4'): string {
  const branches = [
    chain(pictureText(plan), encoderText(plan, level), 'tee name=coded'),
    chain('coded.', branchQueue, videoRtpText(plan)),
    chain('coded.', branchQueue, gdpText(videoDescriptor)),
  ];
  if (plan.sound) {
    branches.push(
      chain(soundText(), 'tee name=heard'),
      chain('heard.', branchQueue, opusText(plan), 'tee name=opus'),
      chain('opus.', opusRtpText(plan)),
      chain('opus.', branchQueue, gdpText(opusDescriptor)),
      chain('heard.', branchQueue, aacText(plan), gdpText(audioDescriptor)),
    );
  }
  return branches.join(' ');
}

export function frameCaps({
  width,
  height,
  framesPerSecond,
}: Pick<PipelinePlan['video'], 'width' | 'height' | 'framesPerSecond'>): string {
  return `width=${width},height=${height},framerate=${framesPerSecond}/1,pixel-aspect-ratio=1/1`;
}

function pictureText({ video }: PipelinePlan): string {
  return `appsrc name=pictures is-live=true format=time max-buffers=2 max-bytes=0 leaky-type=downstream caps="video/x-raw,format=I420,${frameCaps(video)},interlace-mode=progressive,colorimetry=bt709"`;
}

function encoderText({ encoder, video }: PipelinePlan, level: string): string {
  const gop = Math.max(1, Math.round(video.keyFrameIntervalSeconds * video.framesPerSecond));
  const parse = 'h264parse name=parser ! video/x-h264,stream-format=avc,alignment=au';
  if (encoder === 'x264enc') {
    return chain(
      `x264enc name=encoder tune=zerolatency speed-preset=superfast bitrate=${video.bitrateKbps} vbv-buf-capacity=500 key-int-max=${gop} option-string=scenecut=0`,
      'video/x-h264,profile=constrained-baseline',
      parse,
    );
  }
  // Profile and level come from the caps; without a level the driver takes 1.0 and fails.
  return chain(
    `v4l2h264enc name=encoder extra-controls="controls,video_bitrate=${video.bitrateKbps * 1000},h264_i_frame_period=${Math.max(2, gop)},repeat_sequence_header=1"`,
    `video/x-h264,profile=constrained-baseline,level=(string)${level}`,
    parse,
  );
}

/**
 * Both payloaders start from timestamp offset 0, so that RTP time is running time × clock rate in both:
 * egress relies on it to relate sound to pictures (lip sync) without sender reports.
 */
function videoRtpText({ rtp, streams }: PipelinePlan): string {
  return chain(
    `rtph264pay pt=96 ssrc=${streams.videoSsrc} mtu=1200 config-interval=-1 aggregate-mode=zero-latency timestamp-offset=0 seqnum-offset=0`,
    `valve name=video-valve drop=${rtp === null}`,
    `udpsink name=video-rtp host=127.0.0.1 port=${rtp?.videoPort ?? 9} sync=false async=false`,
  );
}

function soundText(): string {
  return `appsrc name=sound is-live=true format=time max-buffers=50 max-bytes=0 leaky-type=downstream caps="${soundCaps}"`;
}

function opusText({ audioBitrateKbps }: PipelinePlan): string {
  return chain('audioconvert', `opusenc bitrate=${audioBitrateKbps * 1000} frame-size=20 complexity=5`);
}

function opusRtpText({ rtp, streams }: PipelinePlan): string {
  return chain(
    `rtpopuspay pt=111 ssrc=${streams.audioSsrc} timestamp-offset=0 seqnum-offset=0`,
    `valve name=audio-valve drop=${rtp === null}`,
    `udpsink name=audio-rtp host=127.0.0.1 port=${rtp?.audioPort ?? 9} sync=false async=false`,
  );
}

function aacText({ audioBitrateKbps }: PipelinePlan): string {
  return chain(
    'audioconvert',
    `voaacenc bitrate=${audioBitrateKbps * 1000}`,
    'audio/mpeg,mpegversion=4,stream-format=raw',
  );
}

function gdpText(descriptor: number): string {
  return `gdppay crc-header=false ! fdsink fd=${descriptor} sync=false async=false`;
}
