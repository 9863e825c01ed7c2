import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decodeStamp, type Stamp } from '#media/test-picture/stamp.ts';

/** Runs a program on bytes of input; what it wrote, and its complaints. */
export async function run(program: string, args: string[], input?: Buffer) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk;
  });
  child.stdin.on('error', () => {}); // a reader that has seen enough
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: Buffer.concat(output), complaints: complaints.trim() };
}

export interface DecodedFrame {
  /** Presentation time from the container, in seconds. */
  seconds: number;
  stamp: Stamp | null;
}

/** Decodes a movie with ffmpeg, scaled down, and reads each picture's stamp. */
export async function decodeStamps(movie: Buffer, { width = 640, height = 360 } = {}) {
  const size = `${width}x${height}`;
  // In ticks of the frame rate, two pictures that came close together would get the same time.
  const keepAll = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'];
  const flags = ['-v', 'warning', '-i', 'pipe:0', '-an', ...keepAll, '-vf'];
  const filter = `scale=${size},format=rgba`;
  const pictures = await run('ffmpeg', [...flags, filter, '-f', 'rawvideo', 'pipe:1'], movie);
  const times = await run(
    'ffprobe',
    ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', 'pipe:0'],
    movie,
  );
  const seconds = String(times.output).trim().split('\n').map(Number.parseFloat);
  const frames: DecodedFrame[] = [];
  const bytes = width * height * 4;
  for (let at = 0; at + bytes <= pictures.output.length; at += bytes) {
    const stamp = decodeStamp(pictures.output.subarray(at, at + bytes), width, height);
    frames.push({ seconds: seconds[frames.length] ?? Number.NaN, stamp });
  }
  return { frames, complaints: [pictures.complaints, times.complaints].filter((text) => text !== '') };
}

/** Loudness of a movie's sound: mean and maximum in dBFS. */
export async function loudness(movie: Buffer) {
  const flags = ['-hide_banner', '-i', 'pipe:0', '-vn', '-af', 'volumedetect', '-f', 'null', '-'];
  const { complaints } = await run('ffmpeg', flags, movie);
  return {
    mean: Number(/mean_volume: (-?[\d.]+) dB/.exec(complaints)?.[1]),
    max: Number(/max_volume: (-?[\d.]+) dB/.exec(complaints)?.[1]),
  };
}

/** Where in a movie, in seconds, sound begins after at least 0.4 s of silence. */
export async function soundOnsets(movie: Buffer): Promise<number[]> {
  const flags = ['-v', 'error', '-i', 'pipe:0', '-vn', '-ac', '1', '-ar', '48000', '-f', 's16le', 'pipe:1'];
  const { output } = await run('ffmpeg', flags, movie);
  const times = ['-select_streams', 'a', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', 'pipe:0'];
  const first = Number.parseFloat(String((await run('ffprobe', ['-v', 'error', ...times], movie)).output));
  const onsets: number[] = [];
  let silent = 0;
  for (let at = 0; at * 2 < output.length; at += 1) {
    if (Math.abs(output.readInt16LE(at * 2)) < 600) silent += 1;
    else {
      if (silent > 0.4 * 48_000) onsets.push(first + at / 48_000);
      silent = 0;
    }
  }
  return onsets;
}

export interface RtpPacket {
  payloadType: number;
  sequence: number;
  timestamp: number;
  marker: boolean;
  payload: Buffer;
}

/** A UDP port that keeps the last RTP packets that came. */
export class RtpPort {
  packets: RtpPacket[] = [];
  readonly #socket: Socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });

  async open(): Promise<number> {
    this.#socket.on('message', (bytes) => {
      this.packets.push({
        payloadType: (bytes[1] ?? 0) & 0x7f,
        marker: ((bytes[1] ?? 0) & 0x80) !== 0,
        sequence: bytes.readUInt16BE(2),
        timestamp: bytes.readUInt32BE(4),
        payload: bytes.subarray(12),
      });
      if (this.packets.length > 10_000) this.packets.shift();
      this.#socket.emit('packet');
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  /** Resolves as soon as so many packets are here. */
  async received(count: number, withinMs = 5_000): Promise<void> {
    const deadline = AbortSignal.timeout(withinMs);
    while (this.packets.length < count) await once(this.#socket, 'packet', { signal: deadline });
  }

  close(): void {
    this.#socket.close();
  }
}
