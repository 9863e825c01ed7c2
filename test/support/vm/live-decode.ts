import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../media-decode.ts';

/** What FFmpeg made of a live stream. */
export interface DecodedLive {
  codec: string;
  width: number;
  height: number;
  frames: number;
  /** How many of these pictures differ from each other. */
  different: number;
  complaints: string;
}

/** Watches a live playlist for so many seconds of it and decodes each picture. */
export async function decodeLive(url: string, { seconds }: { seconds: number }): Promise<DecodedLive> {
  const folder = await mkdtemp(join(tmpdir(), 'onair-live-'));
  try {
    const movie = join(folder, 'live.mp4');
    const taken = await run('ffmpeg', ['-v', 'error', '-i', url, '-t', String(seconds), '-c', 'copy', movie]);
    if ((await readdir(folder)).length === 0) throw new Error(`ffmpeg got nothing: ${taken.complaints}`);
    const entries = 'stream=codec_name,width,height,nb_read_frames';
    const probe = ['-v', 'error', '-select_streams', 'v', '-count_frames', '-show_entries', entries];
    const stream = JSON.parse(String((await run('ffprobe', [...probe, '-of', 'json', movie])).output))
      .streams[0];
    const hashes = await run('ffmpeg', ['-v', 'error', '-i', movie, '-an', '-f', 'framemd5', 'pipe:1']);
    const pictures = String(hashes.output)
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) => line.split(',').at(-1));
    return {
      codec: stream.codec_name,
      width: stream.width,
      height: stream.height,
      frames: Number(stream.nb_read_frames),
      different: new Set(pictures).size,
      complaints: [taken.complaints, hashes.complaints].filter((text) => text !== '').join('\n'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
