import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OnairError } from '#core/domain/errors.ts';
import { SystemTree } from '#core/hardware/system-tree.ts';
import { type BoardFile, boardFile, unknownBoard } from './board-file.ts';

/** Which board it is, and how that is known. */
export interface ChosenBoard {
  board: BoardFile;
  /** For messages: where its lines are declared. */
  file: string;
  /** What the machine says of itself; null where it has no device tree. */
  model: string | null;
  chosenBy: 'ONAIR_BOARD' | 'panel.board' | 'model' | 'nothing';
}

/** The boards that are declared in firmware/boards. */
export class BoardCatalogue {
  readonly #folder: string;
  readonly #deviceTree: SystemTree;

  /**
   * @param options.folder firmware/boards
   * @param options.sysRoot "/sys", or a tree that stands in for it
   */
  constructor(options: { folder: string; sysRoot: string }) {
    this.#folder = options.folder;
    // What /proc/device-tree leads to; a sandbox may hide that.
    this.#deviceTree = new SystemTree(join(options.sysRoot, 'firmware/devicetree/base'));
  }

  /**
   * The board by name (ONAIR_BOARD comes before the setting), else by the machine's model, else the unknown one.
   * @throws OnairError `not-found` for a name that no file has; `invalid-message` for a file that is none
   */
  async choose(names: { environment: string | undefined; setting: string | null }): Promise<ChosenBoard> {
    const model = await this.model();
    const wanted = (
      [
        ['ONAIR_BOARD', names.environment],
        ['panel.board', names.setting],
      ] as const
    ).find(([, name]) => name !== undefined && name !== null && name !== '' && name !== 'auto');
    if (wanted?.[1]) {
      const [chosenBy, name] = wanted;
      return { board: await this.#named(name, chosenBy), file: this.#path(name), model, chosenBy };
    }
    for (const board of model === null ? [] : await this.all()) {
      if (board.models.some((start) => model?.startsWith(start)))
        return { board, file: this.#path(board.name), model, chosenBy: 'model' };
    }
    return { board: unknownBoard, file: this.#folder, model, chosenBy: 'nothing' };
  }

  /** "Raspberry Pi 4 Model B Rev 1.4"; null where the machine has no device tree. */
  async model(): Promise<string | null> {
    return (await this.#deviceTree.text('model'))?.replace(/\0+$/, '').trim() || null;
  }

  /** @throws OnairError `invalid-message` for a file that is none */
  async all(): Promise<BoardFile[]> {
    const files = await new SystemTree(this.#folder).list('.');
    return await Promise.all(
      files.filter((file) => file.endsWith('.json')).map(async (file) => await this.#read(file.slice(0, -5))),
    );
  }

  async #named(name: string, asked: string): Promise<BoardFile> {
    const names = (await new SystemTree(this.#folder).list('.')).map((file) => file.replace(/\.json$/, ''));
    if (names.includes(name)) return await this.#read(name);
    throw new OnairError('not-found', `There is no board named ${name}.`, {
      subject: asked,
      action: `Set ${asked} to one of ${names.join(', ')}, or to auto.`,
    });
  }

  async #read(name: string): Promise<BoardFile> {
    const path = this.#path(name);
    try {
      return boardFile.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      throw new OnairError('invalid-message', `The board file ${path} is wrong: ${why}.`, {
        subject: name,
        action: 'Compare it with docs/boards.md.',
      });
    }
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}
