import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { autoDetect } from '@serialport/bindings-cpp';
import { SerialPortStream } from '@serialport/stream';

interface Answer {
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message: string; data?: { action?: string } };
}

/** The box's USB line as programs speak it: JSON-RPC 2.0, a line each (docs/console.md). */
export class SerialLine {
  readonly #stream: Duplex;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #listeners = new Set<(status: BoxStatus) => void>();
  #lastId = 0;
  #subscribed = false;
  #latest: BoxStatus | null = null;

  private constructor(stream: Duplex) {
    this.#stream = stream;
    createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    stream.on('error', () => {}); // 'close' follows, and ends who waits
    stream.on('close', () => {
      for (const settle of this.#waiting.values()) settle({ error: { message: 'The line was closed.' } });
    });
  }

  /** @param path a serial port, or the Unix socket of a demo's line  @throws Error where it can't be opened */
  static async open(path: string): Promise<SerialLine> {
    const found = await stat(path);
    const stream = found.isSocket()
      ? connect(path)
      : new SerialPortStream({ binding: autoDetect(), path, baudRate: 115_200 });
    await new Promise<void>((resolve, reject) => {
      stream.once(found.isSocket() ? 'connect' : 'open', () => resolve());
      stream.once('error', reject);
    });
    const line = new SerialLine(stream);
    stream.write('\n'); // ends what somebody may have left half written
    return line;
  }

  /** @returns the result  @throws Error with the box's own words, also after 60 s without an answer */
  async call<Result>(method: string, params: object = {}): Promise<Result> {
    this.#lastId += 1;
    const id = this.#lastId;
    let patience: NodeJS.Timeout | undefined;
    const answered = new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      const silence = { error: { message: `The box did not answer "${method}".` } };
      patience = setTimeout(() => resolve(silence), 60_000);
    });
    this.#stream.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const { result, error } = await answered;
    clearTimeout(patience);
    this.#waiting.delete(id);
    if (error) throw new Error([error.message, error.data?.action].filter(Boolean).join(' '));
    return result as Result;
  }

  /** Resolves with the first status that fits: the one there is, or one that comes. @throws Error after `withinMs` */
  async until(fits: (status: BoxStatus) => boolean, withinMs: number): Promise<BoxStatus> {
    if (!this.#subscribed) {
      this.#subscribed = true;
      await this.call('subscribe');
    }
    return await new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(patience);
        this.#listeners.delete(listener);
      };
      const listener = (status: BoxStatus): void => {
        if (!fits(status)) return;
        end();
        resolve(status);
      };
      const patience = setTimeout(() => {
        end();
        reject(new Error(`It did not come within ${withinMs / 1_000} s.`));
      }, withinMs);
      this.#listeners.add(listener);
      if (this.#latest) listener(this.#latest);
    });
  }

  close(): void {
    this.#stream.destroy();
  }

  #hear(line: string): void {
    if (!line.startsWith('{')) return;
    let answer: Answer;
    try {
      answer = JSON.parse(line);
    } catch {
      return; // the rest of a line that began before we listened
    }
    if (answer.method === 'statusChanged') {
      this.#latest = (answer.params as { status: BoxStatus }).status;
      for (const listener of [...this.#listeners]) listener(this.#latest);
    } else if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
  }
}

/** What the rig reads of the box's status. */
export interface BoxStatus {
  device: { name: string; address: string | null; version: string };
  stream: { bitrateKbps: number | null };
  broadcast: { state: string };
  ports: { http: number };
  advancing: boolean;
}
