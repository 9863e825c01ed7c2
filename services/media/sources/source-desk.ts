import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { type ChildSource, SourceProcess, type SourceWish } from './source-process.ts';

/** Keeps one process running for each source that is wanted. */
export class SourceDesk {
  readonly events = new EventHub<{ changed: SourceProcess }>();
  readonly #children: ChildSource<'source'>;
  readonly #logger: Logger;
  readonly #processes = new Map<string, SourceProcess>();
  readonly #memory: string;
  #folder: string | null = null;

  /** @param options.memory a folder in memory in which it makes one of its own */
  constructor(options: { children: ChildSource<'source'>; logger: Logger; memory?: string }) {
    this.#children = options.children;
    this.#logger = options.logger;
    this.#memory = options.memory ?? '/dev/shm';
  }

  get(id: string): SourceProcess | undefined {
    return this.#processes.get(id);
  }

  get all(): IterableIterator<SourceProcess> {
    return this.#processes.values();
  }

  /** Starts what is missing, ends what is not wanted any more. What is there and the same goes on. */
  want(wishes: SourceWish[]): void {
    const wanted = new Map(wishes.map((wish) => [wish.id, wish]));
    for (const [id, process] of this.#processes) {
      const wish = wanted.get(id);
      if (wish && JSON.stringify(wish.video) === JSON.stringify(process.video)) continue;
      process.close();
      this.#processes.delete(id);
    }
    for (const wish of wanted.values()) if (!this.#processes.has(wish.id)) this.#open(wish);
  }

  /** Something was plugged in, say: what waits for its next try tries at once. */
  retry(): void {
    for (const process of this.#processes.values()) process.retry();
  }

  close(): void {
    for (const process of this.#processes.values()) process.close();
    this.#processes.clear();
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  #open(wish: SourceWish): void {
    this.#folder ??= makeFolder(this.#memory);
    const process = new SourceProcess({
      ...wish,
      children: this.#children,
      folder: this.#folder,
      logger: this.#logger,
    });
    this.#processes.set(wish.id, process);
    process.events.on('changed', () => this.events.emit('changed', process));
    void process.start();
  }
}

const prefix = 'onair-media-';

/** In memory, for its owner alone; what daemons that were killed left there is removed. */
function makeFolder(memory: string): string {
  try {
    removeLeftovers(memory);
    return mkdtempSync(join(memory, `${prefix}${process.pid}-`));
  } catch {
    return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  }
}

function removeLeftovers(memory: string): void {
  for (const name of readdirSync(memory)) {
    const owner = /^onair-media-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
    try {
      rmSync(join(memory, name), { recursive: true, force: true });
    } catch {
      // Another user's: it is theirs to remove.
    }
  }
}
