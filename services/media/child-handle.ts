import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Logger } from '#core/runtime/logger.ts';
import { signalChild } from '#core/runtime/signal-child.ts';
import {
  audioDescriptor,
  type FromPipeline,
  opusDescriptor,
  type ToPipeline,
  videoDescriptor,
} from './pipeline-plan.ts';
import { type GStreamerError, readErrorLine } from './reasons.ts';

export interface PipelineChildEvents {
  message: [FromPipeline];
  /** An element of one of its pipelines posted an error. */
  gstreamerError: [GStreamerError];
  /** GDP bytes, as they come. */
  video: [Buffer];
  audio: [Buffer];
  opus: [Buffer];
  /** It ended without having been closed: how, in words. */
  died: [string];
}

/** GStreamer writes no line that is longer and worth reading. */
const maxLineLength = 4096;

/** The file that runs as the child: beside the bundle, or, from a checkout, the source through tsx. */
function entryArguments(): string[] {
  const own = import.meta.url;
  if (!new URL(own).pathname.endsWith('.ts'))
    return [...process.execArgv, fileURLToPath(new URL('./media-pipeline.js', own))];
  return ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('./pipeline-process.ts', own))];
}

function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, LANGUAGE: __, ...rest } = environment;
  return {
    ...rest,
    // GStreamer's messages are read by reasons.ts: untranslated, and errors of elements included.
    LC_ALL: 'C.UTF-8',
    GST_DEBUG: '1,GST_ERROR_SYSTEM:4',
    GST_DEBUG_NO_COLOR: '1',
    // Each pull from a clip parks a thread of the pool.
    UV_THREADPOOL_SIZE: '8',
    // Many native threads, few allocations at a time: less memory lies about in arenas.
    MALLOC_ARENA_MAX: '2',
  };
}

/** One child process with (or waiting for) one pipeline. It ends by `close`, or of itself: then it `died`. */
export class PipelineChild extends EventEmitter<PipelineChildEvents> {
  readonly #logger: Logger;
  #process: ChildProcess | null = null;
  #warm = false;
  #closed = false;
  #line = '';
  #lastWords = '';

  constructor({ logger }: { logger: Logger }) {
    super();
    this.#logger = logger;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** GStreamer is loaded in it. */
  get warm(): boolean {
    return this.#warm;
  }

  start(): void {
    const child = spawn(process.execPath, entryArguments(), {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'ipc', 'pipe'],
      env: childEnvironment(process.env),
    });
    this.#process = child;
    child.on('message', (message: FromPipeline) => {
      if (message.type === 'warm') this.#warm = true;
      if (!this.#closed) this.emit('message', message);
    });
    child.on('error', (error) => this.#died(error.message));
    child.on('exit', (code, signal) => this.#died(signal ?? this.#describeExit(code)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#readLines(text));
    this.#forward(child, videoDescriptor, 'video');
    this.#forward(child, audioDescriptor, 'audio');
    this.#forward(child, opusDescriptor, 'opus');
  }

  send(message: ToPipeline): void {
    if (this.#process?.connected) this.#process.send(message, () => {}); // a lost child is told by 'exit'
  }

  /** Ends it at once: there is nothing in it to save, and native code may not listen to anything less. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#process) signalChild(this.#process, 'SIGKILL');
    for (const stream of this.#process?.stdio ?? []) stream?.destroy();
  }

  #forward(child: ChildProcess, descriptor: number, event: 'video' | 'audio' | 'opus'): void {
    const stream = child.stdio[descriptor] as Readable | null;
    stream?.on('data', (chunk: Buffer) => {
      if (!this.#closed) this.emit(event, chunk);
    });
    stream?.on('error', () => {}); // the child is gone: 'exit' says so
  }

  #readLines(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.pop() ?? '').slice(0, maxLineLength);
    for (const line of lines) {
      const error = readErrorLine(line.slice(0, maxLineLength));
      if (error) {
        this.#logger.warn({ child: this.pid, ...error }, 'the pipeline reported an error');
        if (!this.#closed) this.emit('gstreamerError', error);
      } else if (line.trim() !== '') {
        this.#lastWords = line.slice(0, 200);
        this.#logger.debug({ child: this.pid, line }, 'the pipeline process wrote');
      }
    }
  }

  #describeExit(code: number | null): string {
    return `exit code ${code}${this.#lastWords ? `, ${this.#lastWords}` : ''}`;
  }

  #died(how: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.emit('died', how);
  }
}
