import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { FuzzFrame } from './fuzz-messages.ts';
import type { FuzzPath } from './fuzz-paths.ts';

/** What a hostile client saw that no box may say: a message outside the schema, or how it was closed. */
export interface FuzzOutcome {
  closeCode: number | null;
  unknown: string[];
  /** Frames that were sent while the connection was open. */
  sent: number;
}

const patienceMs = 10_000;

/** An address of this machine for each client: connections are limited for each address. */
export function addressOf(client: number): string {
  return `127.0.0.${2 + (client % 250)}`;
}

/** Opens a connection; rejects where the upgrade is refused. */
export async function open(path: FuzzPath, client: number): Promise<WebSocket> {
  const socket = new WebSocket(path.url, { headers: path.headers ?? {}, localAddress: addressOf(client) });
  await once(socket, 'open', { signal: AbortSignal.timeout(patienceMs) });
  return socket;
}

/** Says what opens the door, and waits until it is open. */
export async function greet(socket: WebSocket, path: FuzzPath, client: number): Promise<void> {
  if (path.greeted === null) return;
  const answered = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${path.name}: not greeted`)), patienceMs);
    const hear = (data: unknown): void => {
      if (JSON.parse(String(data)).type !== path.greeted) return;
      socket.off('message', hear);
      clearTimeout(timer);
      resolve();
    };
    socket.on('message', hear);
    socket.once('close', () => clearTimeout(timer));
  });
  for (const message of path.greeting(client)) socket.send(JSON.stringify(message));
  await answered;
}

/** One hostile client: greets, sends its frames, waits until all are dealt with, and goes. */
export async function attack(
  path: FuzzPath,
  frames: readonly FuzzFrame[],
  client: number,
): Promise<FuzzOutcome> {
  const socket = await open(path, client);
  const outcome: FuzzOutcome = { closeCode: null, unknown: [], sent: 0 };
  const closed = new Promise<void>((resolve) =>
    socket.once('close', (code) => {
      outcome.closeCode = code;
      resolve();
    }),
  );
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const text = String(data);
    if (!path.outgoing.safeParse(JSON.parse(text)).success) outcome.unknown.push(text);
  });
  await Promise.race([greet(socket, path, client), closed]);
  for (const frame of frames) {
    if (socket.readyState !== WebSocket.OPEN) break;
    socket.send('text' in frame ? frame.text : frame.bytes);
    outcome.sent += 1;
  }
  await Promise.race([settled(socket), closed]);
  // Half of them say good-bye, half just vanish.
  if (client % 2 === 0) socket.close(1000);
  else socket.terminate();
  await closed;
  return outcome;
}

/** A ping that is answered: all before it has been read. */
async function settled(socket: WebSocket): Promise<void> {
  if (socket.readyState !== WebSocket.OPEN) return;
  const pong = once(socket, 'pong', { signal: AbortSignal.timeout(patienceMs) });
  socket.ping();
  await pong.catch(() => {
    if (socket.readyState === WebSocket.OPEN) throw new Error('a ping was not answered');
  });
}

/** A client that keeps to the rules, and can tell whether it is still served. */
export class HonestClient {
  readonly path: FuzzPath;
  readonly #socket: WebSocket;
  readonly #timer: NodeJS.Timeout;

  private constructor(path: FuzzPath, socket: WebSocket) {
    this.path = path;
    this.#socket = socket;
    const keepAlive = JSON.stringify({ type: 'heartbeat', timestamp: 1 });
    socket.on('message', (data) => {
      const { event, data: ping } = JSON.parse(String(data));
      if (event === 'ping') socket.send(JSON.stringify({ event: 'pong', data: ping }));
    });
    this.#timer = setInterval(() => {
      if (path.name === 'loudsync') socket.send(keepAlive);
    }, 4_000);
  }

  static async join(path: FuzzPath): Promise<HonestClient> {
    const socket = await open(path, 0);
    socket.on('error', () => {});
    await greet(socket, path, 0);
    const client = new HonestClient(path, socket);
    await client.served();
    return client;
  }

  /** Resolves with the time in milliseconds that an answer took; rejects where none comes. */
  async served(): Promise<number> {
    const askedAtMs = performance.now();
    if (this.#socket.readyState !== WebSocket.OPEN) throw new Error(`${this.path.name}: not open any more`);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.path.name}: no answer`)), patienceMs);
      const hear = (data: unknown): void => {
        if (this.path.isAnswer && !this.path.isAnswer(JSON.parse(String(data)))) return;
        this.#socket.off('message', hear);
        clearTimeout(timer);
        resolve();
      };
      if (this.path.isAnswer) this.#socket.on('message', hear);
      else this.#socket.once('pong', hear);
      this.#socket.once('close', (code) => reject(new Error(`${this.path.name}: closed with ${code}`)));
      if (this.path.isAnswer) this.#socket.send(JSON.stringify(this.path.question));
      else this.#socket.ping();
    });
    return performance.now() - askedAtMs;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.removeAllListeners('close');
    this.#socket.close(1000);
  }
}
