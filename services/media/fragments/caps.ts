import type { AudioTrack, VideoTrack } from '#core/fmp4/init-segment.ts';

// What the encoders say of their streams, read from GStreamer's caps text (`gst_caps_to_string`).

function field(caps: string, name: string): string | null {
  return new RegExp(`[ ,]${name}=\\((?:int|buffer)\\)([0-9a-fA-F]+)`).exec(caps)?.[1] ?? null;
}

/** Null where these are not the caps of H.264 with its parameter sets beside it (stream-format=avc). */
export function videoTrack(caps: string): VideoTrack | null {
  const width = Number(field(caps, 'width'));
  const height = Number(field(caps, 'height'));
  const avcConfiguration = Buffer.from(field(caps, 'codec_data') ?? '', 'hex');
  if (!caps.startsWith('video/x-h264') || !(width > 0 && height > 0)) return null;
  return avcConfiguration.length >= 7 ? { width, height, avcConfiguration } : null;
}

/** Null where these are not the caps of raw AAC. */
export function audioTrack(caps: string): AudioTrack | null {
  const sampleRate = Number(field(caps, 'rate'));
  const channels = Number(field(caps, 'channels'));
  const specificConfiguration = Buffer.from(field(caps, 'codec_data') ?? '', 'hex');
  if (!caps.startsWith('audio/mpeg') || !(sampleRate > 0 && channels > 0)) return null;
  // The descriptor around it has one byte for its length.
  if (specificConfiguration.length > 64) return null;
  return specificConfiguration.length >= 2 ? { sampleRate, channels, specificConfiguration } : null;
}

/** Samples at 48 kHz that a decoder is to throw away, as opusenc has it at this frame size (its look-ahead). */
const opusPreSkip = 312;

/** Null where these are not the caps of Opus in mono or stereo; its configuration is OpusHead (RFC 7845, 5.1). */
export function opusTrack(caps: string): AudioTrack | null {
  const sampleRate = Number(field(caps, 'rate'));
  const channels = Number(field(caps, 'channels'));
  if (!caps.startsWith('audio/x-opus') || !(sampleRate > 0 && (channels === 1 || channels === 2)))
    return null;
  const head = Buffer.alloc(19);
  head.write('OpusHead', 'latin1');
  head.writeUInt8(1, 8);
  head.writeUInt8(channels, 9);
  head.writeUInt16LE(opusPreSkip, 10);
  head.writeUInt32LE(sampleRate, 12);
  return { sampleRate, channels, specificConfiguration: head };
}

/** RFC 6381 codecs parameter, as EXT-X-STREAM-INF and MediaSource take it. */
export function codecsOf(video: VideoTrack, audio: AudioTrack | null): string {
  const avc = `avc1.${Buffer.from(video.avcConfiguration.subarray(1, 4)).toString('hex')}`;
  if (audio === null) return avc;
  return `${avc},mp4a.40.${(audio.specificConfiguration[0] ?? 0) >> 3}`;
}
