import type { GuestShell } from './guest-shell.ts';

/** How the board is wired: see firmware/boards. */
export const wiring = { button: 17, red: 27, green: 22 } as const;

/** The guest's simulated GPIO controller, seen from the wires' side. */
export class SimulatedLines {
  readonly #shell: GuestShell;
  readonly #folder: string;

  private constructor(shell: GuestShell, folder: string) {
    this.#shell = shell;
    this.#folder = folder;
  }

  static async open(shell: GuestShell): Promise<SimulatedLines> {
    // Of the device tree, or of configfs.
    const folder = await shell.run(
      'ls -d /sys/devices/platform/gpio-sim*/gpiochip*/sim_gpio0 /sys/devices/platform/gpio-sim*/gpio*/sim_gpio0 2>/dev/null | head -n 1',
    );
    if (folder === '') throw new Error('the guest has no gpio-sim');
    const lines = new SimulatedLines(shell, folder.replace(/\/sim_gpio0$/, ''));
    // What the resistor on a board does; without it a button counts as held since the start.
    await shell.run(`echo pull-up >${lines.path(wiring.button)}/pull`);
    return lines;
  }

  /** Where the line's `pull` and `value` are in the guest. */
  path(line: number): string {
    return `${this.#folder}/sim_gpio${line}`;
  }

  /** What a finger does: the button pulls its line to ground, for long enough that a guest that is held up sees it. */
  async press(holdMs = Math.min(this.#shell.within(150), 1_000)): Promise<void> {
    const pull = `${this.path(wiring.button)}/pull`;
    await this.#shell.run(`echo pull-down >${pull}; sleep ${holdMs / 1000}; echo pull-up >${pull}`);
  }

  /** The level of a line as the other end of its wire sees it. */
  async level(line: number): Promise<0 | 1> {
    return (await this.#shell.run(`cat ${this.path(line)}/value`)) === '1' ? 1 : 0;
  }

  /** Resolves when a line has been at a level for `steadyMs`, as no blinking light is. @throws Error after `withinMs` */
  async steady(line: number, level: 0 | 1, { steadyMs = 1_200, withinMs = 30_000 } = {}): Promise<void> {
    const script = `
      since=; deadline=$(($(date +%s%3N) + ${this.#shell.within(withinMs)}))
      while now=$(date +%s%3N); [ $now -lt $deadline ]; do
        if [ "$(cat ${this.path(line)}/value)" = ${level} ]; then
          since=\${since:-$now}
          if [ $((now - since)) -ge ${steadyMs} ]; then exit 0; fi
        else since=; fi
        sleep 0.05
      done; exit 1`;
    const { exitCode } = await this.#shell.try(script, { withinMs: withinMs + 30_000 });
    if (exitCode !== 0) throw new Error(`line ${line} was not steadily ${level} within ${withinMs} ms`);
  }
}
