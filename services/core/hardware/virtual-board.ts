import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { parseJson } from '../domain/json.ts';
import { onLines } from '../runtime/lines.ts';
import { listen } from '../runtime/listen.ts';
import type { ButtonLine } from './gpio/button-line.ts';
import { type LightState, type Lights, samePattern } from './light/light.ts';

/** Steady, or milliseconds lit, dark, lit, dark and so on, over and over. */
const lightPattern = z.union([z.enum(['off', 'on']), z.array(z.number().int().positive()).readonly()]);

/** A line to the virtual board: what a finger would do. */
export const boardCommand = z.strictObject({ button: z.enum(['down', 'up']) });
/** A line from it: `done` answers a command, `lights` is sent at connection and on change. */
export const boardReport = z.union([
  z.object({ done: boardCommand }),
  z.object({ problem: z.string() }),
  z.object({ lights: z.object({ red: lightPattern, green: lightPattern }) }),
]);
export type BoardCommand = z.infer<typeof boardCommand>;
export type BoardReport = z.infer<typeof boardReport>;

/**
 * A board without hardware: its wires are JSON lines on a Unix socket. A finger (`onair press`, a test) moves the
 * button, and those who are connected see the lights.
 */
export class VirtualBoard implements ButtonLine, Lights {
  readonly count = 2;
  readonly #socketPath: string;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  /** Whose finger is on the button. */
  readonly #pressing = new Set<Socket>();
  #onLevel: (pressed: boolean) => void = () => {};
  #lights: LightState = { red: 'off', green: 'off' };
  #listening: Promise<void> | null = null;

  /** @param options.socketPath where the wires end; a leftover there is replaced */
  constructor(options: { socketPath: string }) {
    this.#socketPath = options.socketPath;
    this.#server = createServer((client) => this.#connect(client));
  }

  start(onLevel?: (pressed: boolean) => void): Promise<void> {
    if (onLevel) {
      this.#onLevel = onLevel;
      onLevel(false);
    }
    this.#listening ??= this.#listen();
    return this.#listening;
  }

  show(state: LightState): void {
    if (samePattern(state.red, this.#lights.red) && samePattern(state.green, this.#lights.green)) return;
    this.#lights = state;
    for (const client of this.#clients) report(client, { lights: state });
  }

  async close(): Promise<void> {
    this.#onLevel = () => {};
    for (const client of this.#clients) client.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #listen(): Promise<void> {
    await rm(this.#socketPath, { force: true });
    await listen(this.#server, { path: this.#socketPath });
    await chmod(this.#socketPath, 0o660);
  }

  #connect(client: Socket): void {
    this.#clients.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => {
      this.#clients.delete(client);
      if (this.#pressing.has(client)) this.#release(); // or a command that died would hold it until settings are reset
    });
    report(client, { lights: this.#lights });
    onLines(client, (line) => this.#obey(client, line));
  }

  #obey(client: Socket, line: string): void {
    const command = boardCommand.safeParse(parseJson(line));
    if (!command.success) {
      report(client, { problem: 'a command is {"button":"down"} or {"button":"up"}' });
      return;
    }
    if (command.data.button === 'down') {
      this.#pressing.add(client);
      this.#onLevel(true);
    } else this.#release();
    report(client, { done: command.data });
  }

  #release(): void {
    this.#pressing.clear();
    this.#onLevel(false);
  }
}

function report(client: Socket, message: BoardReport): void {
  client.write(`${JSON.stringify(message)}\n`);
}
