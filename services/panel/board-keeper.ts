import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { BoardCatalogue, ChosenBoard } from './board/board-catalogue.ts';
import { partsBeyond } from './board/board-file.ts';
import { type Machine, type OpenedBoard, openBoard } from './open-board.ts';
import type { Panel } from './panel.ts';

interface Deps {
  catalogue: BoardCatalogue;
  /** ONAIR_BOARD */
  environment: string | undefined;
  machine: Machine;
  /** Where the virtual board's wires end. */
  boardSocket: string;
  clock: Clock;
  logger: Logger;
}

/**
 * Which board the panel runs on: at first what ONAIR_BOARD says or the machine's model means, since the button works
 * before control is there; then the setting `panel.board`, as control tells it.
 */
export class BoardKeeper {
  readonly #deps: Deps;
  #name: string | null = null;
  #setting: string | null = null;
  readonly #changes = new SerialQueue();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws OnairError for a board file that is wrong, or a name in ONAIR_BOARD that there isn't */
  async first(): Promise<OpenedBoard> {
    const chosen = await this.#deps.catalogue.choose({ environment: this.#deps.environment, setting: null });
    return await this.#open(chosen);
  }

  /** Resolves once what was wanted so far is done. */
  get settled(): Promise<void> {
    return this.#changes.settled;
  }

  /** The setting as control tells it, again and again; a name that there isn't leaves the board as it is, and is shown as wrong. */
  want(setting: string, panel: Panel): void {
    if (setting === this.#setting) return;
    this.#setting = setting;
    void this.#changes.run(() => this.#change(setting, panel));
  }

  async #change(setting: string, panel: Panel): Promise<void> {
    try {
      const chosen = await this.#deps.catalogue.choose({ environment: this.#deps.environment, setting });
      if (chosen.board.name !== this.#name) await panel.replaceBoard(await this.#open(chosen));
      panel.noteSetting(null);
    } catch (error) {
      if (!(error instanceof OnairError)) throw error;
      panel.noteSetting(error);
    }
  }

  async #open(chosen: ChosenBoard): Promise<OpenedBoard> {
    const { board, model, chosenBy } = chosen;
    const opened = await openBoard({
      chosen,
      machine: this.#deps.machine,
      boardSocket: this.#deps.boardSocket,
      clock: this.#deps.clock,
    });
    this.#name = board.name;
    const details = { board: board.name, chosenBy, model, ways: opened.ways };
    if (chosenBy === 'nothing')
      this.#deps.logger.warn(
        details,
        'this board is in no file of firmware/boards: running with what it has',
      );
    else this.#deps.logger.info(details, 'board');
    const without = [opened.line ? [] : ['button'], opened.lights.count > 0 ? [] : ['lights']].flat();
    if (without.length > 0) this.#deps.logger.warn({ without }, 'the board has not all that a panel has');
    const beyond = partsBeyond(board);
    if (beyond.length > 0)
      this.#deps.logger.info({ beyond }, 'parts of the board that the panel does not drive');
    return opened;
  }
}
