import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OnairError } from '#core/domain/errors.ts';
import { SystemTree } from '#core/hardware/system-tree.ts';

/** A line as a board file names it. */
export interface LineAddress {
  /** The line's own name, where the kernel knows it: "GPIO17". */
  name: string;
  /** Label of the chip, and which of its lines: where no line has that name. */
  chip: string;
  offset: number;
}

/** A line as /sys/class/gpio numbers it: the base of its chip differs between kernels. */
export interface FoundLine {
  number: number;
  chip: string;
  offset: number;
  foundBy: 'name' | 'chip';
}

/** A named line as the character device tells of it: `gpiochip0`, 17, "GPIO17". */
export interface NamedLine {
  device: string;
  offset: number;
  name: string;
}

interface Chip {
  label: string;
  base: number;
  lines: number;
  /** Where the device is that the chip belongs to. */
  parent: string;
  /** Names by offset, from the device tree; '' for a line without. */
  names: string[];
}

/**
 * Finds lines without an ioctl, which Node.js doesn't have, and without root's rights. The names stand in the device
 * tree (`gpio-line-names`), which everybody may read; where a kernel gives them otherwise (configfs, ACPI), gpiod's
 * `gpioinfo` asks the character device.
 */
export class LineFinder {
  readonly #root: string;
  readonly #tree: SystemTree;
  readonly #namedLines: () => Promise<NamedLine[]>;

  /**
   * @param options.root "/sys", or a tree that stands in for it
   * @param options.namedLines what the character devices tell; asked only where the device tree has no such name
   */
  constructor(options: { root: string; namedLines: () => Promise<NamedLine[]> }) {
    this.#root = options.root;
    this.#tree = new SystemTree(options.root);
    this.#namedLines = options.namedLines;
  }

  /**
   * @param boardFile for the message: where the line is declared
   * @throws OnairError `not-found`, naming the line, the chips there are, and the board file
   */
  async find(address: LineAddress, boardFile: string): Promise<FoundLine> {
    const chips = await this.#chips();
    const found =
      named(chips, address.name) ?? (await this.#asked(chips, address.name)) ?? labelled(chips, address);
    if (found) return found;
    const seen = chips.map(({ label, lines }) => `${label} (${lines} lines)`).join(', ');
    throw new OnairError(
      'not-found',
      `There is no GPIO line ${address.name} here, and no line ${address.offset} of a chip ${address.chip}; ` +
        `the chips are: ${seen || 'none'}.`,
      {
        subject: address.name,
        action: `Correct the line in ${boardFile}, or choose another board with panel.board.`,
      },
    );
  }

  async #chips(): Promise<Chip[]> {
    const chips: Chip[] = [];
    for (const path of await this.#tree.list('class/gpio')) {
      if (!/^gpiochip\d+$/.test(basename(path))) continue;
      const label = await this.#tree.text(path, 'label');
      const base = await this.#tree.number(path, 'base');
      const lines = await this.#tree.number(path, 'ngpio');
      if (label === null || base === null || lines === null) continue;
      const device = join(this.#root, path, 'device');
      const parent = await realpath(device).catch(() => device);
      chips.push({ label, base, lines, parent, names: await namesIn(parent) });
    }
    return chips;
  }

  /** The character device knows the chip by another number: both belong to the same device. */
  async #asked(chips: readonly Chip[], name: string): Promise<FoundLine | null> {
    const line = (await this.#namedLines()).find((one) => one.name === name);
    if (!line) return null;
    const device = await realpath(join(this.#root, 'bus/gpio/devices', line.device)).catch(() => null);
    const candidates = chips.filter(
      ({ parent, lines }) => device !== null && parent === dirname(device) && line.offset < lines,
    );
    const [chip] = candidates;
    return chip && candidates.length === 1 ? foundIn(chip, line.offset, 'name') : null;
  }
}

function named(chips: readonly Chip[], name: string): FoundLine | null {
  for (const chip of chips) {
    const offset = chip.names.indexOf(name);
    if (offset >= 0 && offset < chip.lines) return foundIn(chip, offset, 'name');
  }
  return null;
}

function labelled(chips: readonly Chip[], { chip: label, offset }: LineAddress): FoundLine | null {
  const chip = chips.find((one) => one.label === label && offset < one.lines);
  return chip ? foundIn(chip, offset, 'chip') : null;
}

function foundIn(chip: Chip, offset: number, foundBy: FoundLine['foundBy']): FoundLine {
  return { number: chip.base + offset, chip: chip.label, offset, foundBy };
}

/**
 * The names of a device's lines. Its one chip may have a node of its own in the device tree (a bank of gpio-sim, or of a
 * controller with several); whose is whose of several chips is not to be seen here.
 */
async function namesIn(device: string): Promise<string[]> {
  const entries = await readdir(device).catch(() => []);
  const chips = entries.filter((name) => /^gpiochip\d+$/.test(name));
  const [chip] = chips;
  const own = chip && chips.length === 1 ? await lineNames(join(device, chip)) : [];
  return own.length > 0 ? own : await lineNames(device);
}

/** `gpio-line-names`: strings that end with a zero byte each. */
async function lineNames(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, 'of_node/gpio-line-names'), 'utf8').catch(() => '');
  return text.split('\0').slice(0, -1);
}
