import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { signalChild } from '#core/runtime/signal-child.ts';
import {
  audioDescriptor,
  type FromPipeline,
  opusDescriptor,
  type ToPipeline,
  videoDescriptor,
} from './encoder/plan.ts';
import type { FromIngest, ToIngest } from './ingest/contract.ts';
import type { FromPreview, ToPreview } from './preview/contract.ts';
import { type GStreamerError, readErrorLine } from './reasons.ts';
import type { FromSource, ToSource } from './sources/contract.ts';

/** What is said to, and heard from, a child of each kind. */
interface Kinds {
  encoder: { to: ToPipeline; from: FromPipeline };
  source: { to: ToSource; from: FromSource };
  preview: { to: ToPreview; from: FromPreview };
  ingest: { to: ToIngest; from: FromIngest };
}
export type ChildKind = keyof Kinds;

export type ChildEvents<Kind extends ChildKind> = {
  message: Kinds[Kind]['from'];
  /** An element of one of its pipelines posted an error. */
  gstreamerError: GStreamerError;
  /** What it wrote to this file descriptor, as it comes. */
  bytes: { descriptor: number; bytes: Buffer };
  /** It ended without having been closed: how, in words. */
  died: string;
};

/** What is needed of a child process; tests bring their own. */
export interface Child<Kind extends ChildKind> {
  /** Nobody hears of it once it is closed. */
  readonly events: EventHub<ChildEvents<Kind>>;
  readonly pid: number | undefined;
  /** Whether its code is loaded; left out where that is not known. */
  readonly warm?: boolean;
  send(message: Kinds[Kind]['to']): void;
  close(): void;
}

/** A busy or emulated machine takes its time to load a child's code, and GStreamer. */
export const loadDeadlineMs = 60_000;
/** GStreamer writes no line that is longer and worth reading. */
const maxLineLength = 4096;
const entries: Record<ChildKind, { bundle: string; source: string; descriptors: number[] }> = {
  encoder: {
    bundle: './media-encoder.js',
    source: './encoder/main.ts',
    descriptors: [videoDescriptor, audioDescriptor, opusDescriptor],
  },
  source: { bundle: './media-source.js', source: './sources/main.ts', descriptors: [] },
  preview: { bundle: './media-preview.js', source: './preview/main.ts', descriptors: [] },
  ingest: { bundle: './media-ingest.js', source: './ingest/main.ts', descriptors: [] },
};

/** The file that runs as the child: beside the bundle, or, from a checkout, the source through tsx. */
function entryArguments(kind: ChildKind): string[] {
  const own = import.meta.url;
  const { bundle, source } = entries[kind];
  if (!new URL(own).pathname.endsWith('.ts'))
    return [...process.execArgv, fileURLToPath(new URL(bundle, own))];
  return ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL(source, own))];
}

function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, LANGUAGE: __, ...rest } = environment;
  return {
    ...rest,
    // GStreamer's messages are read by reasons.ts: untranslated, and errors of elements included.
    LC_ALL: 'C.UTF-8',
    GST_DEBUG: '1,GST_ERROR_SYSTEM:4',
    GST_DEBUG_NO_COLOR: '1',
    // Each pull from a pipeline parks a thread of the pool.
    UV_THREADPOOL_SIZE: '8',
    // Many native threads, few allocations at a time: less memory lies about in arenas.
    MALLOC_ARENA_MAX: '2',
  };
}

/** One child process: an encoder, a source, or the preview. It ends by `close`, or of itself: then it `died`. */
export class NativeChild<Kind extends ChildKind> implements Child<Kind> {
  readonly events = new EventHub<ChildEvents<Kind>>();
  readonly #kind: Kind;
  readonly #logger: Logger;
  #process: ChildProcess | null = null;
  #warm = false;
  #closed = false;
  #line = '';
  #lastWords = '';

  constructor(kind: Kind, { logger }: { logger: Logger }) {
    this.#kind = kind;
    this.#logger = logger;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get warm(): boolean {
    return this.#warm;
  }

  start(): void {
    const { descriptors } = entries[this.#kind];
    const child = spawn(process.execPath, entryArguments(this.#kind), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...descriptors.map(() => 'pipe' as const)],
      env: childEnvironment(process.env),
    });
    this.#process = child;
    child.on('message', (message) => {
      if ((message as { type?: unknown }).type === 'warm') this.#warm = true;
      this.events.emit('message', message as Kinds[Kind]['from']);
    });
    child.on('error', (error) => this.#died(error.message));
    child.on('exit', (code, signal) => this.#died(signal ?? this.#describeExit(code)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#readLines(text));
    for (const descriptor of descriptors) {
      const stream = child.stdio[descriptor] as Readable | null;
      stream?.on('data', (chunk: Buffer) => this.events.emit('bytes', { descriptor, bytes: chunk }));
      stream?.on('error', () => {}); // the child is gone: 'exit' says so
    }
  }

  send(message: Kinds[Kind]['to']): void {
    if (this.#process?.connected) this.#process.send(message, () => {}); // a lost child is told by 'exit'
  }

  /** Ends it at once: there is nothing in it to save, and native code may not listen to anything less. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.events.close();
    if (this.#process) signalChild(this.#process, 'SIGKILL');
    for (const stream of this.#process?.stdio ?? []) stream?.destroy();
  }

  #readLines(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.pop() ?? '').slice(0, maxLineLength);
    for (const line of lines) {
      const error = readErrorLine(line.slice(0, maxLineLength));
      if (error) {
        this.#logger.warn({ child: this.pid, ...error }, `the ${this.#kind} process reported an error`);
        this.events.emit('gstreamerError', error);
      } else if (line.trim() !== '') {
        this.#lastWords = line.slice(0, 200);
        this.#logger.debug({ child: this.pid, line }, `the ${this.#kind} process wrote`);
      }
    }
  }

  #describeExit(code: number | null): string {
    return `exit code ${code}${this.#lastWords ? `, ${this.#lastWords}` : ''}`;
  }

  #died(how: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.events.emit('died', how);
    this.events.close();
  }
}
