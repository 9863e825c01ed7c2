import { box, fullBox, u8, u16, u32 } from './boxes.ts';

/** What an encoder says of its pictures. */
export interface VideoTrack {
  width: number;
  height: number;
  /** AVCDecoderConfigurationRecord, ISO/IEC 14496-15, 5.3.3.1. */
  avcConfiguration: Uint8Array;
}

/** What an encoder says of its sound. */
export interface AudioTrack {
  sampleRate: number;
  channels: number;
  /** AAC: AudioSpecificConfig, ISO/IEC 14496-3, 1.6.2.1. Opus: OpusHead. */
  specificConfiguration: Uint8Array;
}

/** Track numbers and time scales of every fragment that follows. */
export const videoTrackId = 1;
export const audioTrackId = 2;
export const videoTimescale = 90_000;

const identityMatrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/**
 * The initialisation segment (ISO/IEC 14496-12, 8.16.3; RFC 8216, 3.3): ftyp and a moov without samples.
 * @param createdAtMs goes into the movie header; null where the clock is not set
 */
export function initSegment(
  video: VideoTrack,
  audio: AudioTrack | null,
  createdAtMs: number | null = null,
): Buffer {
  const created = createdAtMs === null ? 0 : macSeconds(createdAtMs);
  const tracks = [videoTrak(video)];
  const defaults = [trex(videoTrackId)];
  if (audio) {
    tracks.push(audioTrak(audio));
    defaults.push(trex(audioTrackId));
  }
  const nextTrackId = tracks.length + 1;
  const header = fullBox(
    'mvhd',
    0,
    0,
    u32(created, created, 1000, 0, 0x10000),
    u16(0x100, 0),
    u32(0, 0),
    identityMatrix,
    u32(0, 0, 0, 0, 0, 0, nextTrackId),
  );
  return Buffer.concat([
    box('ftyp', Buffer.from('iso6'), u32(0), Buffer.from('iso6cmfcmp41')),
    box('moov', header, ...tracks, box('mvex', ...defaults)),
  ]);
}

/** Seconds since 1904, as the format counts them. */
export function macSeconds(unixMs: number): number {
  return Math.floor(unixMs / 1000) + 2_082_844_800;
}

function trex(trackId: number): Buffer {
  return fullBox('trex', 0, 0, u32(trackId, 1, 0, 0, 0));
}

function videoTrak({ width, height, avcConfiguration }: VideoTrack): Buffer {
  const entry = box(
    'avc1',
    u8(0, 0, 0, 0, 0, 0, 0, 1),
    Buffer.alloc(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(0x18, 0xffff),
    box('avcC', avcConfiguration),
  );
  const header = fullBox('vmhd', 0, 1, u16(0, 0, 0, 0));
  return trak(videoTrackId, videoTimescale, 'vide', header, entry, { width, height });
}

function audioTrak({ sampleRate, channels, specificConfiguration }: AudioTrack): Buffer {
  const entry = box(
    'mp4a',
    u8(0, 0, 0, 0, 0, 0, 0, 1),
    u32(0, 0),
    u16(channels, 16, 0, 0),
    u32(sampleRate * 0x10000),
    esds(specificConfiguration),
  );
  const header = fullBox('smhd', 0, 0, u16(0, 0));
  return trak(audioTrackId, sampleRate, 'soun', header, entry, { width: 0, height: 0 });
}

/** ES_Descriptor (ISO/IEC 14496-1, 7.2.6.5): AAC, audio stream, its specific configuration. */
function esds(configuration: Uint8Array): Buffer {
  const specific = Buffer.concat([u8(0x05, configuration.length), configuration]);
  const decoder = Buffer.concat([u8(0x04, 13 + specific.length, 0x40, 0x15, 0, 0, 0), u32(0, 0), specific]);
  const stream = Buffer.concat([u8(0x03, 3 + decoder.length + 3), u16(0), u8(0), decoder, u8(0x06, 1, 2)]);
  return fullBox('esds', 0, 0, stream);
}

function trak(
  id: number,
  timescale: number,
  handler: 'vide' | 'soun',
  mediaHeader: Buffer,
  sampleEntry: Buffer,
  { width, height }: { width: number; height: number },
): Buffer {
  const trackHeader = fullBox(
    'tkhd',
    0,
    3, // enabled, in movie
    u32(0, 0, id, 0, 0, 0, 0),
    u16(0, 0, handler === 'soun' ? 0x100 : 0, 0),
    identityMatrix,
    u32(width * 0x10000, height * 0x10000),
  );
  const samples = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), sampleEntry),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  );
  const media = box(
    'mdia',
    fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(0x55c4, 0)), // language "und"
    fullBox('hdlr', 0, 0, u32(0), Buffer.from(handler), u32(0, 0, 0), u8(0)),
    box('minf', mediaHeader, box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))), samples),
  );
  return box('trak', trackHeader, media);
}
