import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { ButtonLine } from '#core/hardware/gpio/button-line.ts';
import type { Light, Lights } from '#core/hardware/light/light.ts';
import { VirtualBoard } from '#core/hardware/virtual-board.ts';
import type { ChosenBoard } from './board/board-catalogue.ts';
import { type LightPart, lightFor, liveButton } from './board/board-file.ts';
import { driversThere } from './drivers-there.ts';
import { namedLinesByGpioInfo } from './gpio/gpio-info.ts';
import { KeyButton, loadEpoll, type OpenReadWatch } from './gpio/key-button.ts';
import { LineFinder, type NamedLine } from './gpio/line-finder.ts';
import { SysfsButton } from './gpio/sysfs-button.ts';
import { loadOnoff, type OpenGpio } from './gpio/sysfs-gpio.ts';
import { BoardLights } from './light/board-lights.ts';
import { DeathGuard } from './light/death-guard.ts';
import { GpioWire } from './light/gpio-wire.ts';
import { GuardedLights } from './light/guarded-lights.ts';
import { KernelLight } from './light/kernel-light.ts';
import { LedWire } from './light/led-wire.ts';
import { PlainLight } from './light/plain-light.ts';
import { nobodyThere } from './light-table.ts';

/** A board with its wires in hand; nothing is started yet. */
export interface OpenedBoard {
  name: string;
  /** Null where it has none. */
  line: ButtonLine | null;
  lights: Lights;
  /** How each is reached, for the log: "button: line GPIO17 …". */
  ways: string[];
  /** What is declared and can't be had: the board runs without it. */
  problems: OnairError[];
}

/** Where the hardware is, and what opens it; tests put others in their places. */
export interface Machine {
  /** "/sys" */
  sysRoot: string;
  /** "/dev" */
  devRoot: string;
  openGpio: () => Promise<OpenGpio>;
  openReadWatch: () => Promise<OpenReadWatch>;
  namedLines: () => Promise<NamedLine[]>;
}

export const realMachine: Machine = {
  sysRoot: '/sys',
  devRoot: '/dev',
  openGpio: loadOnoff,
  openReadWatch: loadEpoll,
  namedLines: namedLinesByGpioInfo,
};

/** Takes hold of what a board file declares; where the device tree offers it, by way of the kernel's drivers. */
export async function openBoard(options: {
  chosen: ChosenBoard;
  machine: Machine;
  /** Where the virtual board's wires end. */
  boardSocket: string;
  clock: Clock;
}): Promise<OpenedBoard> {
  const { chosen, machine, boardSocket, clock } = options;
  const { board } = chosen;
  if (board.wires === 'socket') return virtualBoard(board.name, boardSocket, []);
  await driversThere(board, machine);
  const finder = new LineFinder({ root: machine.sysRoot, namedLines: machine.namedLines });
  const opener = new Opener({ chosen, machine, finder, clock });
  const line = await opener.button();
  const lights = await opener.lights();
  const { ways, problems } = opener;
  // A machine of no known kind with neither: its button is at least one that `onair press` can press.
  if (line === null && lights.count === 0 && chosen.chosenBy === 'nothing')
    return virtualBoard(board.name, boardSocket, problems);
  return { name: board.name, line, lights, ways, problems };
}

function virtualBoard(name: string, socketPath: string, problems: OnairError[]): OpenedBoard {
  const wires = new VirtualBoard({ socketPath });
  return { name, line: wires, lights: wires, ways: [`button and lights: ${socketPath}`], problems };
}

interface Deps {
  chosen: ChosenBoard;
  machine: Machine;
  finder: LineFinder;
  clock: Clock;
}

class Opener {
  readonly ways: string[] = [];
  readonly problems: OnairError[] = [];
  readonly #deps: Deps;
  /** Lights that stay as they are when the panel dies. */
  readonly #unattended: string[] = [];

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async button(): Promise<ButtonLine | null> {
    const part = liveButton(this.#deps.chosen.board);
    if (part === null) return null;
    const { keyCode, line, activeLow } = part;
    const event = keyCode === undefined ? null : await KeyButton.find(this.#deps.machine.sysRoot, keyCode);
    if (event !== null && keyCode !== undefined) {
      const path = join(this.#deps.machine.devRoot, 'input', event);
      this.ways.push(`button: key ${keyCode} of ${path}`);
      return new KeyButton({ path, code: keyCode, openWatch: await this.#deps.machine.openReadWatch() });
    }
    if (!line) return null;
    return await this.#tried(async () => {
      const { number, chip, offset, foundBy } = await this.#deps.finder.find(line, this.#deps.chosen.file);
      this.ways.push(`button: line ${line.name} by ${foundBy}, ${chip} ${offset}, number ${number}`);
      const open = await this.#deps.machine.openGpio();
      return new SysfsButton({ line: { number, name: line.name, activeLow, open }, clock: this.#deps.clock });
    });
  }

  async lights(): Promise<Lights> {
    const { board } = this.#deps.chosen;
    const red = await this.#light(lightFor(board, 'red'), { saysLive: true });
    const green = await this.#light(lightFor(board, 'green'), { saysLive: red === null });
    const lights = new BoardLights({ red, green });
    if (this.#unattended.length === 0) return lights;
    return new GuardedLights({ lights, guard: new DeathGuard({ files: this.#unattended }) });
  }

  async #light(part: LightPart | null, { saysLive }: { saysLive: boolean }): Promise<Light | null> {
    if (part === null) return null;
    const { role, led, line, activeLow } = part;
    const { sysRoot: root } = this.#deps.machine;
    const clock = this.#deps.clock;
    if (led !== undefined && (await KernelLight.isThere(root, led))) {
      this.ways.push(`${role} light: ${led} of the LED class`);
      return new KernelLight({ root, name: led, trouble: nobodyThere, saysLive, clock });
    }
    if (led !== undefined && (await LedWire.isThere(root, led))) {
      this.ways.push(`${role} light: ${led} of the LED class, without its pattern trigger`);
      const wire = new LedWire({ root, name: led });
      this.#unattended.push(wire.file);
      return new PlainLight({ wire, clock });
    }
    if (!line) return null;
    return await this.#tried(async () => {
      const { number, chip, offset, foundBy } = await this.#deps.finder.find(line, this.#deps.chosen.file);
      this.ways.push(`${role} light: line ${line.name} by ${foundBy}, ${chip} ${offset}, number ${number}`);
      this.#unattended.push(join(root, `class/gpio/gpio${number}/value`));
      const open = await this.#deps.machine.openGpio();
      const wire = new GpioWire({ line: { number, name: line.name, activeLow, open }, clock });
      return new PlainLight({ wire, clock });
    });
  }

  async #tried<Part>(open: () => Promise<Part>): Promise<Part | null> {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof OnairError)) throw error;
      this.problems.push(error);
      return null;
    }
  }
}
