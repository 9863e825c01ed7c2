/**
 * The media bus: the one encode, handed by media to any number of subscribers over a Unix socket
 * (`media.sock`; file permissions are its authentication). All integers are big endian.
 *
 *   message       uint32 length of what follows, uint8 kind, body
 *
 * media → subscriber
 *   1 stream      uint16 width, uint16 height, uint32 frames per 1,000 s, uint32 bitrateKbps,
 *                 uint16 length + AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1; SPS and PPS are in it),
 *                 uint8 count of sound tracks, each: uint8 codec, uint32 sample rate, uint8 channels,
 *                 uint16 length + configuration (AAC: AudioSpecificConfig, Opus: OpusHead of RFC 7845, 5.1)
 *   2 video       uint8 flags, uint64 pts, uint64 dts, one H.264 access unit (NAL units, each after its uint32 length)
 *   3 audio       uint8 codec, uint8 flags, uint64 pts, uint32 duration, one AAC or Opus frame
 *   4 off         nothing is encoded now; a `stream` follows when that changes
 *   5 lost        uint32 pictures, uint32 sound frames: this subscriber was too slow for them
 *
 * subscriber → media
 *   65 subscribe  uint8 tracks wanted, uint8 1 = with a key frame at once, UTF-8 name for the log; the first message
 *   66 key frame  the encoder is asked for one; media limits the rate for all together
 *
 * Times are ticks of 1/90,000 s of CLOCK_MONOTONIC at capture. They never go back and go on across restarts of the
 * source, of the encoder and of media itself. A subscriber's first picture, and the first after `lost`, `off` or
 * `stream`, is a key frame; sound from before it is left out.
 */
export const busTimescale = 90_000;

/** No access unit is larger. */
export const maxBusMessageBytes = 8 * 1024 * 1024;

export type BusCodec = 'aac' | 'opus';

export interface BusSoundTrack {
  codec: BusCodec;
  sampleRate: number;
  channels: number;
  /** AAC: AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1). Opus: OpusHead (RFC 7845, 5.1). */
  configuration: Uint8Array;
}

/** What is encoded; a new one follows where that changes, such as after another size was set. */
export interface BusStream {
  width: number;
  height: number;
  framesPerSecond: number;
  bitrateKbps: number;
  /** AVCDecoderConfigurationRecord, with SPS and PPS. */
  avcConfiguration: Uint8Array;
  sound: BusSoundTrack[];
}

export interface BusVideo {
  /** A decoder may start here. */
  key: boolean;
  /** The slate, since the source is away. */
  slate: boolean;
  pts: number;
  dts: number;
  bytes: Uint8Array;
}

export interface BusAudio {
  codec: BusCodec;
  /** Silence put in, since the source is away. */
  slate: boolean;
  pts: number;
  duration: number;
  bytes: Uint8Array;
}

export type BusMessage =
  | { kind: 'stream'; stream: BusStream }
  | { kind: 'video'; video: BusVideo }
  | { kind: 'audio'; audio: BusAudio }
  | { kind: 'off' }
  | { kind: 'lost'; pictures: number; soundFrames: number };

export interface BusWants {
  video: boolean;
  sound: BusCodec[];
}

export type BusRequest =
  | { kind: 'subscribe'; name: string; wants: BusWants; keyFrame: boolean }
  | { kind: 'key-frame' };

/** Bytes that are no message of the bus. */
export class BusError extends Error {}

export const busKinds = {
  stream: 1,
  video: 2,
  audio: 3,
  off: 4,
  lost: 5,
  subscribe: 65,
  keyFrame: 66,
} as const;
export const busCodecNumbers: Record<BusCodec, number> = { aac: 1, opus: 2 };
export const busWantBits = { video: 1, aac: 2, opus: 4 } as const;
export const busFlags = { key: 1, slate: 2 } as const;
export const busHeaderBytes = { video: 17, audio: 14 } as const;
export const maxBusNameBytes = 64;

/** A message under construction: its length and kind are written, `at` is where the body begins. */
function message(kind: number, bodyBytes: number): { bytes: Uint8Array; view: DataView; at: number } {
  const bytes = new Uint8Array(5 + bodyBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 1 + bodyBytes);
  view.setUint8(4, kind);
  return { bytes, view, at: 5 };
}

/** Ready to be written to a subscriber. */
export function encodeBusMessage(from: BusMessage): Uint8Array {
  switch (from.kind) {
    case 'stream':
      return encodeStream(from.stream);
    case 'video': {
      const { key, slate, pts, dts, bytes: unit } = from.video;
      const { bytes, view, at } = message(busKinds.video, busHeaderBytes.video + unit.length);
      view.setUint8(at, (key ? busFlags.key : 0) | (slate ? busFlags.slate : 0));
      view.setBigUint64(at + 1, BigInt(pts));
      view.setBigUint64(at + 9, BigInt(dts));
      bytes.set(unit, at + busHeaderBytes.video);
      return bytes;
    }
    case 'audio': {
      const { codec, slate, pts, duration, bytes: frame } = from.audio;
      const { bytes, view, at } = message(busKinds.audio, busHeaderBytes.audio + frame.length);
      view.setUint8(at, busCodecNumbers[codec]);
      view.setUint8(at + 1, slate ? busFlags.slate : 0);
      view.setBigUint64(at + 2, BigInt(pts));
      view.setUint32(at + 10, duration);
      bytes.set(frame, at + busHeaderBytes.audio);
      return bytes;
    }
    case 'off':
      return message(busKinds.off, 0).bytes;
    case 'lost': {
      const { bytes, view, at } = message(busKinds.lost, 8);
      view.setUint32(at, from.pictures);
      view.setUint32(at + 4, from.soundFrames);
      return bytes;
    }
  }
}

function encodeStream(stream: BusStream): Uint8Array {
  const { avcConfiguration, sound } = stream;
  const soundBytes = sound.reduce((sum, { configuration }) => sum + 8 + configuration.length, 0);
  const { bytes, view, at } = message(busKinds.stream, 15 + avcConfiguration.length + soundBytes);
  view.setUint16(at, stream.width);
  view.setUint16(at + 2, stream.height);
  view.setUint32(at + 4, Math.round(stream.framesPerSecond * 1000));
  view.setUint32(at + 8, stream.bitrateKbps);
  view.setUint16(at + 12, avcConfiguration.length);
  bytes.set(avcConfiguration, at + 14);
  let next = at + 14 + avcConfiguration.length;
  view.setUint8(next, sound.length);
  next += 1;
  for (const { codec, sampleRate, channels, configuration } of sound) {
    view.setUint8(next, busCodecNumbers[codec]);
    view.setUint32(next + 1, sampleRate);
    view.setUint8(next + 5, channels);
    view.setUint16(next + 6, configuration.length);
    bytes.set(configuration, next + 8);
    next += 8 + configuration.length;
  }
  return bytes;
}

/** Ready to be written to media. */
export function encodeBusRequest(request: BusRequest): Uint8Array {
  if (request.kind === 'key-frame') return message(busKinds.keyFrame, 0).bytes;
  const name = new TextEncoder().encode(request.name).subarray(0, maxBusNameBytes);
  const { bytes, view, at } = message(busKinds.subscribe, 2 + name.length);
  const { video, sound } = request.wants;
  const bits = (video ? busWantBits.video : 0) | sound.reduce((sum, codec) => sum | busWantBits[codec], 0);
  view.setUint8(at, bits);
  view.setUint8(at + 1, request.keyFrame ? 1 : 0);
  bytes.set(name, at + 2);
  return bytes;
}
