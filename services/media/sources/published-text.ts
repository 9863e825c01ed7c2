import type { PacketTrack, PictureCodec, SoundCodec, TrackConfiguration } from '../ingest/stream-protocol.ts';
import type { SourcePlan } from './contract.ts';
import { chain, convertText, soundCaps } from './picture-text.ts';

/** Names of the elements that published bytes are pushed into. */
export const inputElement = 'input';

const waiting = 'queue max-size-time=1000000000 max-size-bytes=0 max-size-buffers=0';
/** What is pushed has its own time; nothing waits for the clock. */
const input = `appsrc name=${inputElement} is-live=true format=time max-bytes=0`;

/** @throws TypeError where what it is made from is not what the ingest says */
export function trackCaps(track: TrackConfiguration): string {
  if (!/^[\w+/=]*$/.test(track.data)) throw new TypeError('no base64');
  const hex = Buffer.from(track.data, 'base64').toString('hex');
  const data = hex === '' ? '' : `,codec_data=(buffer)${hex}`;
  if (track.media === 'video') return `${pictureCapsOf[track.codec]}${data}`;
  const { channels, sampleRate } = track;
  if (!Number.isInteger(channels) || !Number.isInteger(sampleRate)) throw new TypeError('no whole number');
  switch (track.codec) {
    case 'aac':
      return `audio/mpeg,mpegversion=4,stream-format=raw,rate=${sampleRate},channels=${channels}${data}`;
    case 'mp3':
      return 'audio/mpeg,mpegversion=1,layer=3,parsed=false';
    case 'opus':
      return `audio/x-opus,channel-mapping-family=0,rate=48000,channels=${channels}`;
  }
}

const pictureCapsOf: Readonly<Record<PictureCodec, string>> = {
  h264: 'video/x-h264,stream-format=avc,alignment=au',
  h265: 'video/x-h265,stream-format=hvc1,alignment=au',
  vp8: 'video/x-vp8',
  vp9: 'video/x-vp9',
  av1: 'video/x-av1,stream-format=obu-stream,alignment=tu',
};

function picturesEnd(video: SourcePlan['video']): string {
  // Nothing fills up a gap: after a pause, the time without pictures is not repeated in a burst.
  const rate = 'videorate skip-to-first=true max-duplication-time=500000000';
  return chain(
    convertText(video, { auto: true, rate }),
    'gdppay crc-header=false',
    'appsink name=pictures sync=false async=false max-buffers=2 drop=false',
  );
}

const soundEnd = chain(
  'audioconvert',
  'audioresample',
  soundCaps,
  'gdppay crc-header=false',
  'appsink name=sound sync=false async=false max-buffers=16',
);

/** Decodes the frames of one track. */
export function trackText(track: TrackConfiguration, video: SourcePlan['video']): string {
  const end = track.media === 'video' ? picturesEnd(video) : soundEnd;
  return chain(`${input} caps="${trackCaps(track)}"`, 'decodebin', end);
}

/** Decodes an MPEG transport stream. */
export function transportText({ video, sound }: Pick<SourcePlan, 'video' | 'sound'>): string {
  const caps = 'video/mpegts,systemstream=true,packetsize=188';
  return [
    chain(`${input} do-timestamp=true caps="${caps}"`, 'decodebin name=decoder'),
    chain('decoder.', waiting, picturesEnd(video)),
    sound ? chain('decoder.', waiting, soundEnd) : '',
  ].join(' ');
}

const rtpNames: Readonly<Partial<Record<PictureCodec | SoundCodec, [name: string, depay: string]>>> = {
  h264: ['H264', 'rtph264depay'],
  vp8: ['VP8', 'rtpvp8depay'],
  opus: ['OPUS', 'rtpopusdepay'],
};
/** Of RTP's time stamps: RFC 6184, RFC 7741, RFC 7587. */
export const rtpTicksPerMs = { video: 90, audio: 48 } as const;

/** Decodes one track that comes as RTP, in order and with its time. @throws TypeError where it is none that is taken */
export function packetText(track: PacketTrack, video: SourcePlan['video']): string {
  const { media, codec, payloadType, parameterSets = '' } = track;
  const [name, depay] = rtpNames[codec] ?? [];
  if (!name || !depay || !Number.isInteger(payloadType)) throw new TypeError('no such track');
  if (!/^[\w+/=,]*$/.test(parameterSets)) throw new TypeError('no base64');
  const rate = rtpTicksPerMs[media] * 1_000;
  const sets = parameterSets === '' ? '' : `,sprop-parameter-sets=(string)\\"${parameterSets}\\"`;
  const caps = `application/x-rtp,media=${media},clock-rate=${rate},encoding-name=${name},payload=${payloadType}${sets}`;
  return chain(
    `${input} caps="${caps}"`,
    depay,
    'decodebin',
    media === 'video' ? picturesEnd(video) : soundEnd,
  );
}
