import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Packet {
  type: 'video' | 'audio';
  seconds: number;
  key: boolean;
}

/** All packets of a recording, as ffmpeg's demuxer reads them. */
export async function packetsOf(path: string): Promise<Packet[]> {
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'error', '-show_entries', 'packet=codec_type,dts_time,flags', '-of', 'csv=p=0', path],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout
    .split('\n')
    .map((line) => line.split(','))
    .filter((fields) => fields.length >= 3)
    .map(([type, time, flags = '']) => ({
      type: type === 'audio' ? 'audio' : 'video',
      seconds: Number(time),
      key: flags.startsWith('K'),
    }));
}

/** What ffmpeg complains of while it decodes everything; empty where all is well. */
export async function decodeComplaints(path: string): Promise<string> {
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-i', path, '-f', 'null', '-']);
  // Its null muxer rounds times to whole frames, and complains of what it rounded: no matter of the file's.
  return stderr
    .split('\n')
    .filter((line) => !line.startsWith('[null @'))
    .join('\n');
}

/** The longest time from one packet of a kind to the next, in seconds; negative where time goes back. */
export function steps(
  packets: readonly Packet[],
  type: Packet['type'],
): { shortest: number; longest: number } {
  const times = packets.filter((packet) => packet.type === type).map(({ seconds }) => seconds);
  const between = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  return { shortest: Math.min(...between), longest: Math.max(...between) };
}
