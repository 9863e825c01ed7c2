import { type ChildProcess, spawn } from 'node:child_process';
import { steadyHoldMs } from '#core/hardware/light/light.ts';

const startAgainAfterMs = 1_000;

/**
 * Waits for words on its standard input: `hold` begins a time in which the next word must come, `rest` ends it. When
 * that runs out, or the input ends because its writer died, it puts the lights out.
 */
const script = `trap '' TERM INT HUP
limit=()
while read -r "\${limit[@]}" word; do
  if [ "$word" = hold ]; then limit=(-t "$seconds"); else limit=(); fi
done
for file; do echo "$dark" >"$file"; done 2>/dev/null`;

/**
 * Puts lights out that the kernel would leave lit when the panel dies: a process of its own, since nothing else
 * outlives the panel. Only where there is no LED class.
 */
export class DeathGuard {
  readonly #files: readonly string[];
  #child: ChildProcess | null = null;
  #holding = false;
  #closed = false;

  /** @param options.files that say how a light is ("…/value", "…/brightness"): 0 is dark */
  constructor(options: { files: readonly string[] }) {
    this.#files = options.files;
  }

  start(): void {
    if (this.#closed || this.#child || this.#files.length === 0) return;
    const child = spawn('bash', ['-c', script, 'onair-lights-out', ...this.#files], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env.PATH, seconds: String(steadyHoldMs / 1_000), dark: '0' },
    });
    this.#child = child;
    child.stdin?.on('error', () => {}); // 'exit' follows
    child.on('error', () => {});
    child.once('exit', () => {
      if (this.#child !== child) return;
      this.#child = null;
      setTimeout(() => this.start(), startAgainAfterMs).unref(); // we hung, and it did what it is for
    });
    if (this.#holding) child.stdin?.write('hold\n');
  }

  /** From here on it must hear this again within `steadyHoldMs`. */
  hold(): void {
    this.#holding = true;
    this.#say('hold');
  }

  /** Nothing is lit that would be a lie. */
  rest(): void {
    if (this.#holding) this.#say('rest');
    this.#holding = false;
  }

  close(): void {
    this.#closed = true;
    const child = this.#child;
    this.#child = null;
    child?.stdin?.end();
    child?.unref();
  }

  #say(word: string): void {
    this.#child?.stdin?.write(`${word}\n`);
  }
}
