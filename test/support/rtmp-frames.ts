import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';
import { encodeAmf } from '#media/ingest/rtmp/amf0.ts';
import { encodeChunks } from '#media/ingest/rtmp/chunks.ts';
import { run } from './media-decode.ts';

/** Speaks RTMP as a publisher as far as `publish`; what comes after is the test's. */
export async function greetRtmp(t: Test, port: number, key: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  const command = (...values: Parameters<typeof encodeAmf>[0]) =>
    encodeChunks(3, { type: 20, streamId: 0, timestamp: 0, body: encodeAmf(values) }, 128);
  const hello = Buffer.alloc(1 + 2 * 1_536, 3);
  socket.write(
    Buffer.concat([hello, command('connect', 1, { app: 'live' }), command('createStream', 2, null)]),
  );
  socket.write(command('publish', 3, null, key, 'live'));
  await once(socket, 'data');
  return socket;
}

/** Enhanced RTMP's name of a codec, and how ffmpeg makes it. */
const codecs = {
  avc1: { arguments: '-c:v libx264 -preset ultrafast -tune zerolatency', box: 'avcC', skip: 0 },
  hvc1: {
    arguments: '-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params bframes=0:log-level=error',
    box: 'hvcC',
    skip: 0,
  },
  vp09: { arguments: '-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 300k', box: 'vpcC', skip: 4 },
  av01: { arguments: '-c:v libaom-av1 -usage realtime -cpu-used 8 -b:v 300k', box: 'av1C', skip: 0 },
} as const;
export type FourCc = keyof typeof codecs;

/** Pictures as Enhanced RTMP carries them. */
export interface RtmpFrames {
  fourCc: FourCc;
  configuration: Buffer;
  frames: Buffer[];
}

/** Two seconds of a test picture, ten a second, the first a key frame. FFmpeg below version 6 can't send these itself. */
export async function framesOf(folder: string, fourCc: FourCc, size = '320x240'): Promise<RtmpFrames> {
  const { arguments: codec, box, skip } = codecs[fourCc];
  const path = join(folder, `${fourCc}-${size}.mp4`);
  const input = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=10:duration=2`];
  const coded = [...codec.split(' '), '-pix_fmt', 'yuv420p', '-g', '20', '-bf', '0'];
  const { code, complaints } = await run('ffmpeg', ['-v', 'error', ...input, ...coded, '-y', path]);
  if (code !== 0) throw new Error(`ffmpeg: ${complaints}`);
  const movie = await readFile(path);
  const sizes = contentOf(movie, 'stsz');
  let at = movie.indexOf('mdat', 0, 'latin1') + 4;
  const frames: Buffer[] = [];
  for (let index = 0; index < sizes.readUInt32BE(8); index += 1) {
    const bytes = sizes.readUInt32BE(4) || sizes.readUInt32BE(12 + index * 4);
    frames.push(movie.subarray(at, at + bytes));
    at += bytes;
  }
  return { fourCc, configuration: contentOf(movie, box).subarray(skip), frames };
}

/** The content of the first box of that name (ISO/IEC 14496-12). */
function contentOf(movie: Buffer, name: string): Buffer {
  const at = movie.indexOf(name, 0, 'latin1');
  if (at < 0) throw new Error(`the movie has no ${name}`);
  return movie.subarray(at + 4, at - 4 + movie.readUInt32BE(at - 4));
}

/** Sends pictures ten a second, over and over, until the connection ends. */
export class FramesOverRtmp {
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;
  #frames: RtmpFrames;
  #next = 0;
  #sent = 0;

  constructor(socket: Socket, frames: RtmpFrames) {
    this.#socket = socket;
    this.#frames = frames;
    this.#configure();
    this.#timer = setInterval(() => this.#send(), 100);
    socket.on('close', () => clearInterval(this.#timer));
  }

  /** From now on these: as an encoder does whose picture gets another size. */
  change(frames: RtmpFrames): void {
    this.#frames = frames;
    this.#next = 0;
    this.#configure();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#socket.destroy();
  }

  #configure(): void {
    this.#write(0, true, this.#frames.configuration);
  }

  #send(): void {
    const { fourCc, frames } = this.#frames;
    const frame = frames[this.#next] ?? Buffer.alloc(0);
    const withoutOffset = fourCc === 'avc1' || fourCc === 'hvc1';
    this.#write(withoutOffset ? 3 : 1, this.#next === 0, frame);
    this.#next = (this.#next + 1) % frames.length;
  }

  /** Veovera, "Enhanced RTMP", 2023: ExVideoTagHeader. */
  #write(packetType: number, isKeyFrame: boolean, data: Buffer): void {
    const head = Buffer.alloc(5);
    head.writeUInt8(0x80 | ((isKeyFrame ? 1 : 2) << 4) | packetType);
    head.write(this.#frames.fourCc, 1, 'latin1');
    if (packetType !== 0) this.#sent += 1;
    const message = { type: 9, streamId: 1, timestamp: this.#sent * 100, body: Buffer.concat([head, data]) };
    this.#socket.write(encodeChunks(6, message, 128));
  }
}
