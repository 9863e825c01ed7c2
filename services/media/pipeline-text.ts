import { audioDescriptor, opusDescriptor, type PipelinePlan, videoDescriptor } from './pipeline-plan.ts';

/** Names by which the child finds elements whose properties it sets while the pipeline runs. */
export const elementNames = {
  pictures: 'pictures',
  sound: 'sound',
  camera: 'camera',
  microphone: 'microphone',
  encoder: 'encoder',
  /** Key frame requests go upstream from here. */
  parser: 'parser',
  videoValve: 'video-valve',
  audioValve: 'audio-valve',
  videoRtp: 'video-rtp',
  audioRtp: 'audio-rtp',
  clip: 'clip',
  clipPictures: 'clip-pictures',
  clipSound: 'clip-sound',
} as const;

export const soundSampleRate = 48_000;
/** voaacenc delays sound by this many samples and does not say so in its timestamps (measured by beeps). */
export const aacDelaySamples = 1_600;

const soundCaps = `audio/x-raw,format=S16LE,layout=interleaved,rate=${soundSampleRate},channels=2`;
/** A stall in one branch must not stall the others: a queue that is full for this long drops its oldest. */
const branchQueue =
  'queue leaky=downstream max-size-time=1000000000 max-size-bytes=8388608 max-size-buffers=0';
/** Clockwise degrees as `videoflip` names them. */
const directions = { 0: null, 90: '90r', 180: '180', 270: '90l' } as const;

const chain = (...elements: (string | null)[]): string =>
  elements.filter((element) => element !== null).join(' ! ');

/**
 * The text for `gst_parse_launch` of one pipeline: capture, encode once, and hand over the same frames as
 * RTP (loopback UDP, for egress) and as GDP (file descriptors 3, 4 and 6, for the HLS parts and the media bus).
 * Every value in it is a number, a name of ours or a device path that passed a strict pattern; whatever
 * else comes from outside (a clip's path) is set as a property by the child.
 */
export function pipelineText(plan: PipelinePlan): string {
  const branches = [
    chain(pictureText(plan), encoderText(plan), 'tee name=coded'),
    chain('coded.', branchQueue, videoRtpText(plan)),
    chain('coded.', branchQueue, gdpText(videoDescriptor)),
  ];
  if (plan.sound.kind !== 'none') {
    branches.push(
      chain(soundText(plan), 'tee name=heard'),
      chain('heard.', branchQueue, opusText(plan), 'tee name=opus'),
      chain('opus.', opusRtpText(plan)),
      chain('opus.', branchQueue, gdpText(opusDescriptor)),
      chain('heard.', branchQueue, aacText(plan), gdpText(audioDescriptor)),
    );
  }
  return branches.join(' ');
}

/**
 * The text of the pipeline that decodes a clip for the child to push on at the pace of the clock.
 * The clip's path is set as a property, never written here.
 */
export function clipText({ video, sound }: PipelinePlan): string {
  const direction = directions[video.rotate];
  const branches = [
    chain('filesrc name=clip', 'decodebin name=decoder'),
    chain(
      'decoder.',
      'videoconvert',
      'videoflip video-direction=auto',
      direction && `videoflip video-direction=${direction}`,
      'videoscale add-borders=true',
      'videorate',
      `video/x-raw,format=I420,${frameCaps(video)}`,
      'appsink name=clip-pictures sync=false async=false max-buffers=4',
    ),
  ];
  if (sound.kind === 'clip') {
    branches.push(
      chain(
        'decoder.',
        'audioconvert',
        'audioresample',
        'audiorate',
        soundCaps,
        'appsink name=clip-sound sync=false async=false max-buffers=16',
      ),
    );
  }
  return branches.join(' ');
}

function frameCaps({ width, height, framesPerSecond }: PipelinePlan['video']): string {
  return `width=${width},height=${height},framerate=${framesPerSecond}/1,pixel-aspect-ratio=1/1`;
}

function pictureText({ pictures, video, encoder }: PipelinePlan): string {
  const exact = frameCaps(video);
  const direction = directions[video.rotate];
  const turned = video.rotate === 90 || video.rotate === 270;
  const width = turned ? video.height : video.width;
  const height = turned ? video.width : video.height;
  const size = `width=${width},height=${height},framerate=${video.framesPerSecond}/1`;
  switch (pictures.kind) {
    case 'test':
    case 'file':
      return `appsrc name=pictures is-live=true format=time max-buffers=2 max-bytes=0 leaky-type=downstream caps="video/x-raw,format=I420,${exact},interlace-mode=progressive,colorimetry=bt709"`;
    case 'v4l2':
      // The first of these caps is v4l2src's preference: the exact size raw, then as JPEG, then the nearest.
      return chain(
        `v4l2src name=camera device=${pictures.device}`,
        `capsfilter caps="video/x-raw,${size};image/jpeg,${size};video/x-raw;image/jpeg"`,
        'decodebin',
        'queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0',
        'videoconvert',
        direction && `videoflip video-direction=${direction}`,
        'videoscale add-borders=true',
        'videorate skip-to-first=true',
        `video/x-raw,format=${encoder === 'x264enc' ? 'I420' : '{I420,NV12}'},${exact}`,
      );
    case 'csi':
      return chain(
        'libcamerasrc name=camera',
        `video/x-raw,format=NV12,${size},colorimetry=bt709,interlace-mode=progressive`,
        'queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0',
        direction && `videoflip video-direction=${direction}`,
        'videorate skip-to-first=true',
        encoder === 'x264enc' ? 'videoconvert' : null,
        `video/x-raw,format=${encoder === 'x264enc' ? 'I420' : 'NV12'},${exact}`,
      );
  }
}

function encoderText({ encoder, video }: PipelinePlan): string {
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
    `video/x-h264,profile=constrained-baseline,level=(string)${levelOf(video)}`,
    parse,
  );
}

/** H.264 level 4 takes 245,760 macroblocks a second (table A-1); below 3 the Pi's encoder hangs. */
function levelOf({ width, height, framesPerSecond }: PipelinePlan['video']): string {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16) * framesPerSecond;
  return blocks <= 245_760 ? '4' : '4.2';
}

/**
 * Both payloaders start from timestamp offset 0, so that RTP time is running time × clock rate in both:
 * egress relies on it to relate sound to pictures (lip sync) without sender reports.
 */
function videoRtpText({ rtp }: PipelinePlan): string {
  return chain(
    'rtph264pay pt=96 mtu=1200 config-interval=-1 aggregate-mode=zero-latency timestamp-offset=0 seqnum-offset=0',
    `valve name=video-valve drop=${rtp === null}`,
    `udpsink name=video-rtp host=127.0.0.1 port=${rtp?.videoPort ?? 9} sync=false async=false`,
  );
}

function soundText({ sound }: PipelinePlan): string {
  if (sound.kind !== 'alsa') {
    return `appsrc name=sound is-live=true format=time max-buffers=50 max-bytes=0 leaky-type=downstream caps="${soundCaps}"`;
  }
  return chain(
    `alsasrc name=microphone device="${sound.device}" provide-clock=false buffer-time=80000 latency-time=10000`,
    'queue leaky=downstream max-size-time=500000000 max-size-bytes=0 max-size-buffers=0',
    'audioconvert',
    'audioresample',
    'audiorate',
    soundCaps,
  );
}

function opusText({ audioBitrateKbps }: PipelinePlan): string {
  return chain('audioconvert', `opusenc bitrate=${audioBitrateKbps * 1000} frame-size=20 complexity=5`);
}

function opusRtpText({ rtp }: PipelinePlan): string {
  return chain(
    'rtpopuspay pt=111 timestamp-offset=0 seqnum-offset=0',
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
