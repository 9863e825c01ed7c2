import { loadGStreamer } from '../gstreamer.ts';
import { ReasonError } from '../reason-error.ts';
import { type ReasonCode, reasonOf } from '../reasons.ts';
import type { Source, SourceAddress, SourceContext, SourcePlan } from './contract.ts';
import { i420Bytes } from './frame-file.ts';
import { chain, convertText, soundCaps, soundSampleRate, sourceElements } from './picture-text.ts';
import { ArrivalClock, PulledFrames } from './pulled-frames.ts';
import { rtspAddress, srtAddress } from './remote-address.ts';
import { sourceName } from './resolve.ts';

type Remote = Extract<SourceAddress, { kind: 'rtsp' | 'srt-caller' }>;

/** It has so long from its start to its first picture: a camera may take seconds to its first key frame. */
const firstPictureMs = 15_000;
/** One that delivers sound for so long before any picture has none. */
const pictureGraceMs = 5_000;
/** Chunks of sound are no longer (contract.ts). */
const maxSoundBytes = (soundSampleRate / 20) * 4;
const headerBytes = 4_096;
/** A second of raw sound: no decoder delivers more at once. */
const maxSoundBufferBytes = soundSampleRate * 4 + headerBytes;

const waiting = 'queue max-size-time=1000000000 max-size-bytes=0 max-size-buffers=0';

/** The text of the pipeline that pulls; the address is set as properties, never written here. */
export function remoteText(
  kind: Remote['kind'],
  { video, sound, attempt }: Pick<SourcePlan, 'video' | 'sound' | 'attempt'>,
): string {
  // Nothing fills up a gap: after a pause, the time without pictures is not repeated in a burst.
  const rate = 'videorate skip-to-first=true max-duplication-time=500000000';
  const pictures = chain(
    convertText(video, { auto: true, rate }),
    'gdppay crc-header=false',
    'appsink name=pictures sync=false async=false max-buffers=2 drop=false',
  );
  const heard = chain(
    'audioconvert',
    'audioresample',
    soundCaps,
    'gdppay crc-header=false',
    'appsink name=sound sync=false async=false max-buffers=16',
  );
  if (kind === 'rtsp') {
    // TCP passes firewalls and loses nothing on Wi-Fi; a camera without it has UDP, at the next attempt.
    const protocols = attempt % 2 === 0 ? 'tcp' : 'tcp+udp+udp-mcast';
    return [
      `rtspsrc name=remote latency=200 protocols=${protocols}`,
      chain('remote.', 'application/x-rtp,media=video', waiting, 'decodebin', pictures),
      sound ? chain('remote.', 'application/x-rtp,media=audio', waiting, 'decodebin', heard) : '',
    ].join(' ');
  }
  return [
    chain('srtsrc name=remote auto-reconnect=false', 'decodebin name=decoder'),
    chain('decoder.', waiting, pictures),
    sound ? chain('decoder.', waiting, heard) : '',
  ].join(' ');
}

/** A stream that is pulled: an RTSP camera, or an SRT listener that is called. */
export function openRemote(context: SourceContext, remote: Remote): Source {
  const { plan } = context;
  const { width, height, framesPerSecond } = plan.video;
  const pipeline = new (loadGStreamer().Pipeline)(remoteText(remote.kind, plan));
  const element = pipeline.findChild(sourceElements.remote);
  if (!element) throw ReasonError.of('pipeline-failed', 'it has no source');
  const { location, properties } = addressOf(remote);
  element[remote.kind === 'rtsp' ? 'location' : 'uri'] = location;
  for (const [name, value] of Object.entries(properties)) element[name] = value;

  const video = { width, height, framesPerSecond };
  let playing = false;
  let heard = false;
  const fail = (code: ReasonCode, detail = sourceName(remote)) => {
    context.state({ state: 'failed', video: null, sound: false, reason: reasonOf(code, detail) });
  };
  const deadline = setTimeout(() => fail('remote-silent'), firstPictureMs);
  const clock = new ArrivalClock();
  const pictures = new PulledFrames(pipeline, sourceElements.pictures, {
    clock,
    maxFrameBytes: i420Bytes(width, height) + headerBytes,
    onFrame: (bytes, capturedMs) => {
      context.picture(bytes, capturedMs);
      if (playing) return;
      playing = true;
      clearTimeout(deadline);
      context.state({ state: 'playing', video, sound: heard, reason: null });
    },
    onEnd: () => fail('remote-ended'),
  });
  const sounds = new PulledFrames(pipeline, sourceElements.sound, {
    clock,
    maxFrameBytes: maxSoundBufferBytes,
    onFrame: (bytes, capturedMs) => {
      if (!heard && !playing) setTimeout(() => playing || fail('remote-without-pictures'), pictureGraceMs);
      if (!heard && playing) context.state({ state: 'playing', video, sound: true, reason: null });
      heard = true;
      for (let at = 0; at < bytes.length; at += maxSoundBytes) {
        context.sound(
          bytes.subarray(at, at + maxSoundBytes),
          capturedMs + at / 4 / (soundSampleRate / 1_000),
        );
      }
    },
    onEnd: () => {}, // that of the pictures says so
  });
  return {
    async start() {
      // At a later attempt, why the one before failed is the better word, and it stays.
      if (plan.attempt === 0) {
        const reason = reasonOf('not-connected', sourceName(remote));
        context.state({ state: 'waiting', video: null, sound: false, reason });
      }
      pipeline.play();
      pictures.start();
      if (plan.sound) sounds.start();
    },
  };
}

function addressOf(remote: Remote) {
  try {
    return remote.kind === 'rtsp' ? rtspAddress(remote.url) : srtAddress(remote.url);
  } catch {
    throw ReasonError.of('remote-invalid', sourceName(remote));
  }
}
