import { TestPicture } from '#media/test-picture/painter.ts';
import { run } from './media-decode.ts';

/** Frames in a clip of `writeClip`: one second. */
export const clipFrames = 30;

/** Writes a clip of 1 s, 640 × 360 at 30/s, whose frames are stamped 0 to 29. `soundSeconds` 0 is no sound. */
export async function writeClip(path: string, { soundSeconds = 1 } = {}): Promise<void> {
  const picture = new TestPicture(640, 360);
  const frames: Buffer[] = [];
  for (let frame = 0; frame < clipFrames; frame += 1) {
    frames.push(Buffer.from(picture.paint({ clockMs: 1_000_000 + Math.round((frame * 1000) / 30), frame })));
  }
  const input = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', '640x360', '-r', '30', '-i', 'pipe:0'];
  const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${soundSeconds}`, '-c:a', 'aac'];
  const output = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '20', '-f', 'mp4', '-y', path];
  const arguments_ = ['-v', 'error', ...input, ...(soundSeconds > 0 ? tone : []), ...output];
  const { code, complaints } = await run('ffmpeg', arguments_, Buffer.concat(frames));
  if (code !== 0) throw new Error(complaints);
}

/**
 * Writes a clip to be sent as it is (Matroska, H.264 with a key frame a second, Opus): 640 × 360 at 15/s, a beep at each
 * full second of the clock in the picture.
 */
export async function writeBeepingClip(path: string, { seconds }: { seconds: number }): Promise<void> {
  const picture = new TestPicture(640, 360);
  const frames = Array.from({ length: seconds * 15 }, (_, frame) =>
    Buffer.from(picture.paint({ clockMs: 1_000_000 + Math.round((frame * 1_000) / 15), frame })),
  );
  const input = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', '640x360', '-r', '15', '-i', 'pipe:0'];
  const tone = "aevalsrc='if(lt(mod(t,1),0.1),0.25*sin(2000*PI*t),0)':s=48000";
  const sound = ['-f', 'lavfi', '-i', `${tone}:d=${seconds}`, '-c:a', 'libopus'];
  const coded = '-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -g 15'.split(' ');
  const { code, complaints } = await run(
    'ffmpeg',
    ['-v', 'error', ...input, ...sound, ...coded, '-f', 'matroska', '-y', path],
    Buffer.concat(frames),
  );
  if (code !== 0) throw new Error(complaints);
}
