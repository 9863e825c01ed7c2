import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { percentile } from '../test/support/percentile.ts';

/** One figure, and what design.md promises of it. */
export interface Figure {
  section: string;
  name: string;
  value: number;
  unit: string;
  /** Design's goal; null where there is none. */
  goal: number | null;
  /** The goal is the least that will do, not the most. */
  atLeast: boolean;
  /** How it came about: "20 joins, median 171, max 321". */
  note: string;
}

/** Figures as a table for people and as JSON for programs. */
export class Report {
  readonly #figures: Figure[] = [];
  readonly #commandLine: string;

  constructor(options: { commandLine: string }) {
    this.#commandLine = options.commandLine;
  }

  /** Adds a figure, and says it at once. */
  add(
    figure: Omit<Figure, 'goal' | 'atLeast' | 'note'> & { goal?: number; atLeast?: boolean; note?: string },
  ): void {
    const { goal = null, atLeast = false, note = '' } = figure;
    const full: Figure = { ...figure, goal, atLeast, note };
    this.#figures.push(full);
    console.log(line(full));
  }

  /** Writes the JSON. @returns its path */
  save(directory: string): string {
    const path = join(directory, `bench-${new Date().toISOString().replaceAll(':', '-')}.json`);
    mkdirSync(dirname(path), { recursive: true });
    const machine = {
      processors: cpus().map(({ model }) => model),
      memoryBytes: totalmem(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    };
    writeFileSync(
      path,
      `${JSON.stringify({ commandLine: this.#commandLine, machine, figures: this.#figures }, null, 2)}\n`,
    );
    return path;
  }

  /** The whole table. */
  get table(): string {
    return this.#figures.map(line).join('\n');
  }
}

function line({ section, name, value, unit, goal, atLeast, note }: Figure): string {
  const shown = Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 1 ? 3 : 1);
  const reached = goal !== null && (atLeast ? value >= goal : value <= goal);
  const verdict = goal === null ? '' : `${reached ? 'reached' : 'MISSED '} (goal ${goal} ${unit})`;
  return `${section.padEnd(9)} ${name.padEnd(44)} ${`${shown} ${unit}`.padStart(16)}  ${verdict.padEnd(26)} ${note}`;
}

/** "n 20, median 171, p95 300, max 321" */
export function spread(values: readonly number[], digits = 0): string {
  const [median, p95, max] = [0.5, 0.95, 1].map((share) => percentile(values, share).toFixed(digits));
  return `n ${values.length}, median ${median}, p95 ${p95}, max ${max}`;
}
