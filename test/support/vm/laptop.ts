import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { installGuestProgram } from './guest-program.ts';
import type { GuestShell } from './guest-shell.ts';

interface LaptopEvents {
  text: [];
}

/** The laptop at the other end of the USB cable, with its serial port open: lines to the box, text from it. */
export class Laptop extends EventEmitter<LaptopEvents> {
  /** All that has come from the box. */
  text = '';
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #shell: GuestShell;
  #lastId = 0;

  private constructor(child: ChildProcessWithoutNullStreams, shell: GuestShell) {
    super();
    this.#child = child;
    this.#shell = shell;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      this.emit('text');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.text += `# ${text}`;
      this.emit('text');
    });
    child.stdin.on('error', () => {});
  }

  /** Opens the port once it is there. */
  static async open(shell: GuestShell, withinMs = 60_000): Promise<Laptop> {
    const program = await installGuestProgram(shell, 'laptop');
    const seconds = Math.ceil(shell.within(withinMs) / 1000);
    await shell.run(`timeout ${seconds} sh -c 'until [ -c /dev/ttyACM0 ]; do sleep 0.2; done'`, {
      withinMs: withinMs + 30_000,
    });
    return new Laptop(shell.start(`${program} /dev/ttyACM0`), shell);
  }

  /** A line of a person or a program; an empty one is the Enter key. */
  send(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Resolves with the match in what came after the first `from` characters. @throws Error with what came instead */
  async expect(pattern: RegExp, { from = 0, withinMs = 60_000 } = {}): Promise<RegExpExecArray> {
    const boundMs = this.#shell.within(withinMs);
    const signal = AbortSignal.timeout(boundMs);
    for (;;) {
      const match = pattern.exec(this.text.slice(from));
      if (match) return match;
      await once(this, 'text', { signal }).catch(() => {
        throw new Error(`no ${pattern} within ${boundMs} ms; the line said: ${this.text.slice(from)}`);
      });
    }
  }

  /** One command as programs give it (JSON-RPC 2.0). @throws Error with the box's answer where it refuses */
  async call(method: string, params: object = {}, withinMs = 60_000): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const from = this.text.length;
    this.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    // What was sent may come back as an echo: an answer has no method.
    const answer = new RegExp(`^\\{"jsonrpc":"2.0","id":${id},"(?:result|error)".*\\}\\r?$`, 'm');
    const [line] = await this.expect(answer, { from, withinMs });
    const { result, error } = JSON.parse(line) as { result?: unknown; error?: { message: string } };
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Resolves when the port has gone away under it. */
  async unplugged(withinMs = 60_000): Promise<void> {
    await this.expect(/# the port is gone/, { withinMs });
  }

  async close(): Promise<void> {
    this.removeAllListeners();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin.end();
    await once(this.#child, 'close');
  }
}
