import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Of all viewers together, since the first one joined. */
export interface FleetFigures {
  receivedBytes: number;
  /** RTP packets that never came. */
  lostPackets: number;
}

/** Viewers in a process of their own, so that their work is not counted as the box's. */
export class Fleet {
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  constructor(options: { whepUrl: string }) {
    const script = fileURLToPath(new URL('viewer-fleet.ts', import.meta.url));
    this.#child = spawn(process.execPath, ['--import', 'tsx', script, options.whepUrl], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
  }

  /** @throws Error with the fleet's own words */
  async tell(command: { join?: number; leave?: boolean; churn?: number }): Promise<FleetFigures> {
    const answered = new Promise<string>((resolve) => this.#lines.once('line', resolve));
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    const answer = JSON.parse(await answered) as { done: boolean; problem?: string } & FleetFigures;
    if (!answer.done) throw new Error(answer.problem);
    return answer;
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin?.end();
    await gone;
  }
}
