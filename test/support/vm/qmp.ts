import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

interface Reply {
  id?: number;
  return?: unknown;
  error?: { desc: string };
  event?: string;
}

/** QEMU's monitor: JSON lines on a Unix socket (QEMU Machine Protocol). */
export class QemuMonitor {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => {
      const reply = JSON.parse(line) as Reply;
      if (reply.id !== undefined) this.#waiting.get(reply.id)?.(reply);
    });
    socket.on('error', () => {}); // the machine's end
    socket.on('close', () => {
      for (const settle of this.#waiting.values()) settle({ error: { desc: 'the machine has ended' } });
      this.#waiting.clear();
    });
  }

  static async open(path: string): Promise<QemuMonitor> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    const monitor = new QemuMonitor(socket);
    await monitor.execute('qmp_capabilities');
    return monitor;
  }

  /** @throws Error with QEMU's own words */
  async execute(command: string, parameters: object = {}): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: parameters, id })}\n`);
    });
    this.#waiting.delete(id);
    if (reply.error) throw new Error(`${command}: ${reply.error.desc}`);
    return reply.return;
  }

  /** A line for the human monitor, which can more. */
  async say(line: string): Promise<string> {
    return String(await this.execute('human-monitor-command', { 'command-line': line }));
  }

  close(): void {
    this.#socket.destroy();
  }
}
