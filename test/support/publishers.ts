import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Test } from 'tap';

/** ffmpeg or GStreamer as somebody who publishes; `end` lets it leave, `kill` pulls its plug. */
export class PublisherProgram {
  readonly child: ChildProcess;
  readonly #exited: Promise<unknown>;
  said = '';

  constructor(t: Test, program: string, args: readonly string[]) {
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exited = once(this.child, 'exit');
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (text: Buffer) => {
        this.said = (this.said + text).slice(-10_000);
      });
    t.teardown(() => this.kill());
  }

  /** Resolves once it ended of itself. */
  async exited(): Promise<void> {
    await this.#exited;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async end(): Promise<void> {
    this.child.kill('SIGINT');
    await this.#exited;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    if (this.child.exitCode === null && this.child.signalCode === null) await this.#exited;
  }
}

const video = (size: string, rate: number) => [
  '-re',
  '-f',
  'lavfi',
  '-i',
  `testsrc=size=${size}:rate=${rate}`,
];
const sound = ['-f', 'lavfi', '-i', 'sine'];
const x264 = '-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p'.split(' ');

/** ffmpeg's arguments for a test picture with sound to this address. */
export function ffmpegArguments(
  url: string,
  {
    size = '320x240',
    rate = 15,
    gop = 15,
    format = 'flv',
    codec = x264,
    pictures = true,
    bFrames = 0,
  }: {
    size?: string;
    rate?: number;
    gop?: number;
    format?: string;
    codec?: string[];
    pictures?: boolean;
    bFrames?: number;
  } = {},
): string[] {
  const inputs = pictures ? [...video(size, rate), ...sound] : ['-re', ...sound];
  const coded = pictures ? [...codec, '-g', String(gop), '-bf', String(bFrames)] : [];
  return ['-v', 'error', ...inputs, ...coded, '-c:a', 'aac', '-f', format, url];
}

/** ffmpeg, as OBS does with RTMP. */
export function ffmpegPublisher(
  t: Test,
  url: string,
  options: Parameters<typeof ffmpegArguments>[1] = {},
): PublisherProgram {
  return new PublisherProgram(t, 'ffmpeg', ffmpegArguments(url, options));
}
