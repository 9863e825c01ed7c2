import type { MediaRequest } from '#core/domain/media.ts';
import type { Catalogue } from './catalogue.ts';
import type { SourceAddress } from './contract.ts';
import type { SourceDesk } from './source-desk.ts';
import { runningSource } from './source-list.ts';
import type { SourceProcess } from './source-process.ts';

/** Sources that operators look at, on the air or not: by their public ids, the settings that mean them. */
export class LookedSources {
  readonly #catalogue: Catalogue;
  readonly #desk: SourceDesk;
  readonly #settings = new Map<string, string>();

  constructor({ catalogue, desk }: { catalogue: Catalogue; desk: SourceDesk }) {
    this.#catalogue = catalogue;
    this.#desk = desk;
  }

  get size(): number {
    return this.#settings.size;
  }

  /** The settings that mean them: as processes are called. */
  get settings(): string[] {
    return [...this.#settings.values()];
  }

  add(id: string, setting: string): void {
    this.#settings.set(id, setting);
  }

  /** @returns whether it was looked at */
  remove(id: string): boolean {
    return this.#settings.delete(id);
  }

  /** Its process, whatever it was started for. */
  process(id: string): SourceProcess | undefined {
    const setting = this.#settings.get(id);
    const own = setting === undefined ? undefined : this.#desk.get(setting);
    return own ?? runningSource(id, { catalogue: this.#catalogue, desk: this.#desk });
  }

  /**
   * The setting by which a source would be on the air, so that it can go there as it runs: a camera opens once.
   * @throws ReasonError where there is no such source
   */
  async settingOf(id: string, { source }: MediaRequest['video']): Promise<string> {
    const configured = await this.#catalogue.resolve(source).catch(() => null);
    if (configured && this.#catalogue.idOf(source, configured) === id) return source;
    return this.#catalogue.settingOf(id);
  }

  /** What goes on the air under another name is looked at there: the process that shows it now ends first. */
  handOver(primary: string, address: SourceAddress | null): void {
    for (const [id, setting] of this.#settings) {
      const shown = this.#desk.get(setting)?.address;
      if (address && shown && JSON.stringify(shown) === JSON.stringify(address))
        this.#settings.set(id, primary);
    }
  }
}
