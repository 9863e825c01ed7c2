import type { SourcePlan } from './contract.ts';

/** Names by which a source finds elements of its pipeline. */
export const sourceElements = {
  clip: 'clip',
  image: 'image',
  clipPictures: 'clip-pictures',
  clipSound: 'clip-sound',
  camera: 'camera',
  microphone: 'microphone',
  remote: 'remote',
  pictures: 'pictures',
  sound: 'sound',
} as const;

type Video = SourcePlan['video'];

export const soundSampleRate = 48_000;
export const soundCaps = `audio/x-raw,format=S16LE,layout=interleaved,rate=${soundSampleRate},channels=2`;
/** Clockwise degrees as `videoflip` names them. */
export const directions = { 0: null, 90: '90r', 180: '180', 270: '90l' } as const;

export const chain = (...elements: (string | null)[]): string =>
  elements.filter((element) => element !== null).join(' ! ');

/** What a source hands over (contract.ts), as caps. */
export function pictureCaps({ width, height, framesPerSecond }: Video): string {
  return `video/x-raw,format=I420,width=${width},height=${height},framerate=${framesPerSecond}/1,pixel-aspect-ratio=1/1,colorimetry=bt709`;
}

/**
 * Turns whatever was decoded into what is handed over: BT.709 limited range of the right size and rate.
 * @param options.auto turned as the file says  @param options.rate keeps to the frame rate: `videorate` with its options
 * @param options.colours converts them
 */
export function convertText(
  video: Video,
  { auto, rate, colours = ['videoconvert'] }: { auto: boolean; rate: string; colours?: string[] },
): string {
  const direction = directions[video.rotate];
  return chain(
    ...colours,
    auto ? 'videoflip video-direction=auto' : null,
    direction && `videoflip video-direction=${direction}`,
    'videoscale add-borders=true',
    rate,
    pictureCaps(video),
  );
}
