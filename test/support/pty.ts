import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Duplex, Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onLines } from '#core/runtime/lines.ts';

const program = fileURLToPath(new URL('./pty.py', import.meta.url));

/** A pseudo-terminal pair: `path` is a serial port to the program under test, `write` and `onData` its host. */
export class Pty {
  readonly path: string;
  readonly #child: ChildProcess;
  readonly #input: Writable;
  readonly #output: Readable;
  readonly #commands: Duplex;
  readonly #answers: ((word: string) => void)[] = [];

  private constructor(path: string, child: ChildProcess) {
    this.path = path;
    this.#child = child;
    const [input, output, , commands] = child.stdio;
    if (!input || !output || !commands) throw new Error('the pseudo-terminal has no pipes');
    this.#input = input;
    this.#output = output;
    this.#commands = commands as Duplex;
    input.on('error', () => {});
    onLines(this.#commands, (word) => this.#answers.shift()?.(word));
  }

  /** @param folder where its link lives */
  static async open(folder: string): Promise<Pty> {
    const path = join(folder, 'tty');
    const child = spawn('python3', [program, path], { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] });
    const pty = new Pty(path, child);
    await pty.#answered();
    return pty;
  }

  write(bytes: Uint8Array | string): void {
    this.#input.write(bytes);
  }

  onData(hear: (bytes: Buffer) => void): void {
    this.#output.on('data', hear);
  }

  /** The cable: out (the port hangs up), in again (another port under the same name). */
  async unplug(): Promise<void> {
    await this.#command('unplug');
  }

  async plug(): Promise<void> {
    await this.#command('plug');
  }

  /** A host that does not read. */
  async deaf(deaf: boolean): Promise<void> {
    await this.#command(deaf ? 'deaf' : 'hear');
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill();
    await gone;
  }

  async #command(word: string): Promise<void> {
    const answered = this.#answered();
    this.#commands.write(`${word}\n`);
    await answered;
  }

  #answered(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answers.push(resolve);
      this.#child.once('exit', () => reject(new Error('the pseudo-terminal is gone')));
    });
  }
}
