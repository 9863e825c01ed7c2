import { WebSocket } from 'ws';
import type { LancastError, Status } from '#core/protocol/lancast.ts';
import { serverToClient } from '#core/protocol/lancast.ts';

type StatusData = Status['data'];

/** A LANCast client that keeps all it hears; it counts as a viewer, like any. */
export class LancastWatch {
  /** Every status, oldest first, with when it came. */
  readonly heard: (StatusData & { atMs: number })[] = [];
  readonly errors: LancastError['data'][] = [];
  readonly socket: WebSocket;
  #waiting: (() => void)[] = [];

  private constructor(origin: string, headers: Record<string, string>) {
    this.socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, { headers });
    this.socket.on('message', (data) => {
      const message = serverToClient.parse(JSON.parse(String(data)));
      if (message.type === 'error') this.errors.push(message.data);
      else this.heard.push({ ...message.data, atMs: Date.now() });
      this.#wake();
    });
    this.socket.on('error', () => {}); // 'close' follows
    this.socket.on('close', () => this.#wake());
  }

  /** Connects, and waits for the first word. */
  static async open(origin: string, headers: Record<string, string> = {}): Promise<LancastWatch> {
    const watch = new LancastWatch(origin, headers);
    await watch.#wait(() => watch.heard.length + watch.errors.length > 0, 5_000);
    return watch;
  }

  /** Resolves with the newest status as soon as it satisfies. */
  async until(satisfied: (status: StatusData) => boolean, timeoutMs = 10_000): Promise<StatusData> {
    let latest: StatusData | undefined;
    await this.#wait(() => {
      latest = this.heard.at(-1);
      return latest !== undefined && satisfied(latest);
    }, timeoutMs);
    if (!latest) throw new Error('nothing was heard');
    return latest;
  }

  /** Resolves with the code that the server closed with. */
  async closed(timeoutMs = 5_000): Promise<number> {
    if (this.socket.readyState === WebSocket.CLOSED) return 0;
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not closed within ${timeoutMs} ms`)), timeoutMs);
      this.socket.once('close', (code) => {
        clearTimeout(timer);
        resolve(code);
      });
    });
  }

  close(): void {
    this.socket.terminate();
  }

  async #wait(over: () => boolean, timeoutMs: number): Promise<void> {
    if (over()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const newest = JSON.stringify(this.heard.at(-1) ?? null);
        reject(new Error(`LANCast did not say so within ${timeoutMs} ms; newest status ${newest}`));
      }, timeoutMs);
      const look = (): void => {
        if (!over()) {
          this.#waiting.push(look);
          return;
        }
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.push(look);
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}
