import type { PictureCodec, SoundCodec } from '../stream-protocol.ts';

/**
 * What a message of type video or audio holds: FLV's tags (Adobe, 2010, annex E) and those of Enhanced RTMP (Veovera,
 * 2023), which name codecs by four letters.
 */
export type PictureTag =
  | { kind: 'configuration'; codec: PictureCodec; data: Buffer }
  | { kind: 'frame'; codec: PictureCodec; isKeyFrame: boolean; compositionMs: number; data: Buffer }
  | { kind: 'unsupported'; codec: string }
  | { kind: 'nothing' };

export type SoundTag =
  | { kind: 'configuration'; codec: SoundCodec; data: Buffer }
  | { kind: 'frame'; codec: SoundCodec; data: Buffer }
  | { kind: 'unsupported'; codec: string }
  | { kind: 'nothing' };

const pictureFourCc: Readonly<Record<string, PictureCodec>> = {
  avc1: 'h264',
  hvc1: 'h265',
  vp08: 'vp8',
  vp09: 'vp9',
  av01: 'av1',
};
const soundFourCc: Readonly<Record<string, SoundCodec>> = { mp4a: 'aac', '.mp3': 'mp3', Opus: 'opus' };
/** Names that Enhanced RTMP's `fourCcList` may say that this end takes. */
export const takenFourCcs = [...Object.keys(pictureFourCc), ...Object.keys(soundFourCc)];

const nothing = { kind: 'nothing' } as const;
const keyFrame = 1;
const commandFrame = 5;
/** Legacy codec ids; 12 is HEVC as some encoders sent it before Enhanced RTMP. */
const pictureIds: Readonly<Record<number, PictureCodec>> = { 7: 'h264', 12: 'h265' };
const pictureNames: Readonly<Record<number, string>> = { 2: 'H.263', 3: 'Screen video', 4: 'VP6', 5: 'VP6' };
const soundNames: Readonly<Record<number, string>> = {
  1: 'ADPCM',
  5: 'Nellymoser',
  6: 'Nellymoser',
  11: 'Speex',
};
const enhanced = { start: 0, frames: 1, end: 2, framesWithoutOffset: 3 } as const;

export function readPictureTag(body: Buffer): PictureTag {
  const first = body[0];
  if (first === undefined) return nothing;
  if (first & 0x80) return readEnhancedPicture(body, first);
  const frameType = first >> 4;
  const id = first & 0x0f;
  const codec = pictureIds[id];
  if (codec === undefined) return { kind: 'unsupported', codec: pictureNames[id] ?? `codec ${id}` };
  if (frameType === commandFrame || body.length < 5) return nothing;
  const data = body.subarray(5);
  if (body[1] === 0) return { kind: 'configuration', codec, data };
  if (body[1] !== 1) return nothing;
  return { kind: 'frame', codec, isKeyFrame: frameType === keyFrame, compositionMs: signed24(body, 2), data };
}

function readEnhancedPicture(body: Buffer, first: number): PictureTag {
  if (body.length < 5) return nothing;
  const isKeyFrame = ((first >> 4) & 7) === keyFrame;
  const packetType = first & 0x0f;
  const name = body.toString('latin1', 1, 5);
  const codec = pictureFourCc[name];
  if (codec === undefined) return { kind: 'unsupported', codec: name.replace(/[^\x20-\x7e]/g, '?') };
  if (packetType === enhanced.start) return { kind: 'configuration', codec, data: body.subarray(5) };
  if (packetType === enhanced.framesWithoutOffset)
    return { kind: 'frame', codec, isKeyFrame, compositionMs: 0, data: body.subarray(5) };
  if (packetType !== enhanced.frames) return nothing;
  if (codec !== 'h264' && codec !== 'h265')
    return { kind: 'frame', codec, isKeyFrame, compositionMs: 0, data: body.subarray(5) };
  if (body.length < 8) return nothing;
  return { kind: 'frame', codec, isKeyFrame, compositionMs: signed24(body, 5), data: body.subarray(8) };
}

export function readSoundTag(body: Buffer): SoundTag {
  const first = body[0];
  if (first === undefined) return nothing;
  const format = first >> 4;
  if (format === 2) return { kind: 'frame', codec: 'mp3', data: body.subarray(1) };
  if (format === 10) {
    if (body.length < 2) return nothing;
    const data = body.subarray(2);
    return body[1] === 0
      ? { kind: 'configuration', codec: 'aac', data }
      : { kind: 'frame', codec: 'aac', data };
  }
  if (format !== 9) return { kind: 'unsupported', codec: soundNames[format] ?? `codec ${format}` };
  const name = body.toString('latin1', 1, 5);
  const codec = soundFourCc[name];
  if (codec === undefined) return { kind: 'unsupported', codec: name.replace(/[^\x20-\x7e]/g, '?') };
  const packetType = first & 0x0f;
  if (packetType === enhanced.start) return { kind: 'configuration', codec, data: body.subarray(5) };
  return packetType === enhanced.frames ? { kind: 'frame', codec, data: body.subarray(5) } : nothing;
}

function signed24(bytes: Buffer, at: number): number {
  return bytes.readIntBE(at, 3);
}

const aacRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

/** Of an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1). Null where it says neither. */
export function readAacConfiguration(data: Buffer): { channels: number; sampleRate: number } | null {
  if (data.length < 2) return null;
  const bits = data.readUInt16BE(0);
  const index = (bits >> 7) & 0x0f;
  const sampleRate = aacRates[index];
  const channels = (bits >> 3) & 0x0f;
  return sampleRate === undefined ? null : { sampleRate, channels: channels === 7 ? 8 : channels };
}
