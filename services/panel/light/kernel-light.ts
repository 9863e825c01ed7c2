import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import {
  type Light,
  type LightPattern,
  mostlyLit,
  periodOf,
  samePattern,
  steadyHoldMs,
} from '#core/hardware/light/light.ts';
import { SystemTree } from '#core/hardware/system-tree.ts';
import { armedPattern, endlessPattern } from './kernel-pattern.ts';

const classFolder = 'class/leds';
/** The kernel shows a pattern so long by itself, or for a whole period and then some; it is told again well before. */
const holdMs = 20_000;
const tellAgainAfterMs = 15_000;
const spareMs = holdMs - tellAgainAfterMs;
/** What udev has not opened to the panel yet it will have by then. */
const accessWithinMs = 10_000;
const accessEveryMs = 50;

interface Deps {
  root: string;
  name: string;
  trouble: LightPattern;
  saysLive: boolean;
  clock: Clock;
}

/**
 * A light of the kernel's LED class. The kernel plays the pattern, which costs the panel nothing; and it holds for a
 * while only, with the pattern for trouble behind it: a panel that died, or hangs, does not say it again.
 */
export class KernelLight implements Light {
  readonly #tree: SystemTree;
  readonly #folder: string;
  readonly #deps: Deps;
  #brightness = 1;
  #started = false;
  #pattern: LightPattern = 'off';
  /** Made once for all the times that it is said again. */
  #told: { pattern: LightPattern | null; forMs: number; text: string } = {
    pattern: null,
    forMs: 0,
    text: '',
  };
  #cancel: () => void = () => {};

  /**
   * @param deps.root "/sys", or a tree that stands in for it
   * @param deps.name in /sys/class/leds
   * @param deps.trouble what it falls to when nobody tells it anything any more
   * @param deps.saysLive what is lit for the most part is held for `steadyHoldMs` only: it must not outlast the truth
   */
  constructor(deps: Deps) {
    this.#deps = deps;
    this.#tree = new SystemTree(deps.root);
    this.#folder = join(deps.root, classFolder, deps.name);
  }

  /** Whether the kernel has this light, and can play patterns on it. */
  static async isThere(root: string, name: string): Promise<boolean> {
    const triggers = await new SystemTree(root).text(classFolder, name, 'trigger');
    return triggers !== null && / \[?pattern\]? /.test(` ${triggers} `);
  }

  /** @throws OnairError `unavailable` where its files may not be written */
  async start(): Promise<void> {
    const path = (file: string): string => join(classFolder, this.#deps.name, file);
    this.#brightness = (await this.#tree.number(path('max_brightness'))) ?? 1;
    const selected = ((await this.#tree.text(path('trigger'))) ?? '').includes('[pattern]');
    // The trigger's own files come with it, as root's at first: udev opens them to us.
    if (!selected) await this.#untilAllowed(() => this.#write('trigger', 'pattern'));
    await this.#untilAllowed(() => this.#arm());
    this.#started = true;
  }

  show(pattern: LightPattern): void {
    const again = samePattern(pattern, this.#pattern);
    this.#pattern = pattern;
    if (!this.#started || (again && !(pattern === 'on' && this.#deps.saysLive))) return;
    this.#arm();
  }

  /** Nobody is there to tell it anything: it says so until somebody is. */
  close(): void {
    this.#cancel();
    if (!this.#started) return;
    this.#started = false;
    this.#write('pattern', endlessPattern(this.#deps.trouble, this.#brightness));
    this.#write('repeat', '-1');
  }

  #arm(): void {
    this.#cancel();
    const brief = this.#deps.saysLive && mostlyLit(this.#pattern);
    // At the end of a period, so that no flash is cut short.
    const periodMs = periodOf(this.#pattern) || tellAgainAfterMs;
    this.#tell(brief ? steadyHoldMs : Math.max(holdMs, periodMs + spareMs));
    if (brief && this.#pattern === 'on') return; // the caller shows it again
    const periods = brief ? Math.ceil(steadyHoldMs / periodMs) : Math.floor(tellAgainAfterMs / periodMs);
    this.#cancel = this.#deps.clock.after(periodMs * Math.max(1, periods), () => this.#arm());
  }

  #tell(forMs: number): void {
    if (this.#told.pattern !== this.#pattern || this.#told.forMs !== forMs) {
      const text = armedPattern({
        pattern: this.#pattern,
        holdMs: forMs,
        after: this.#deps.trouble,
        brightness: this.#brightness,
      });
      this.#told = { pattern: this.#pattern, forMs, text };
    }
    this.#write('pattern', this.#told.text);
    this.#write('repeat', '1'); // restarts the pattern, which is played once
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }

  async #untilAllowed(act: () => void): Promise<void> {
    const deadlineMs = this.#deps.clock.monotonicMs() + accessWithinMs;
    for (;;) {
      try {
        return act();
      } catch (error) {
        if (this.#deps.clock.monotonicMs() >= deadlineMs)
          throw new OnairError('unavailable', `The light ${this.#deps.name} can't be set: ${error}.`, {
            subject: this.#deps.name,
            action: `Let the panel's user write the files in ${this.#folder}.`,
          });
      }
      await new Promise<void>((resolve) => this.#deps.clock.after(accessEveryMs, resolve));
    }
  }
}
