import { OnairError } from '#core/domain/errors.ts';

const loopback = /^(::1|127\.|::ffff:127\.)/;

/** Whom the operator has shut out: until the broadcast is over. */
export class BannedViewers {
  readonly #ids = new Set<string>();
  readonly #addresses = new Set<string>();

  /** @param address banned too; left out where others watch from it */
  ban(id: string, address?: string): void {
    this.#ids.add(id);
    if (address && !loopback.test(address)) this.#addresses.add(address);
  }

  has(id: string | null, address: string): boolean {
    return (id !== null && this.#ids.has(id)) || this.#addresses.has(address);
  }

  /** @throws OnairError `forbidden` */
  refuse(id: string, address: string): void {
    if (!this.has(id, address)) return;
    throw new OnairError('forbidden', 'The operator has ended your watching of this broadcast.', {
      subject: 'audience',
      action: 'Come back for the next one.',
    });
  }

  clear(): void {
    this.#ids.clear();
    this.#addresses.clear();
  }
}
