import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { updateSlot } from '#core/protocol/endpoints/update.ts';
import { writeWhole } from '#core/runtime/write-whole.ts';
import { type BundleFacts, type Installer, otherSlot, type SystemFacts } from './installer.ts';
import { UpdateError, updateReasons } from './update-error.ts';

const system = z.object({ version: z.string(), startsAtAll: z.boolean() });
const card = z.object({
  slot: updateSlot,
  usual: updateSlot,
  next: updateSlot.nullable(),
  systems: z.object({ A: system.nullable(), B: system.nullable() }),
});
type Card = z.infer<typeof card>;

/** A bundle of the virtual card: what is signed, as text, and the signature (Ed25519, base64). */
const bundle = z.object({ payload: z.string(), signature: z.string() });
const payload = z.object({
  compatible: z.string(),
  version: z.string(),
  startsAtAll: z.boolean().default(true),
});

export const virtualCompatible = 'onair-virtual';

interface Deps {
  path: string;
  publicKey: string;
  version: string;
  restart: () => void;
}

/** Two systems that are records in a file: the demo's, and that of tests. A restart is one of this daemon. */
export class VirtualInstaller implements Installer {
  readonly #deps: Deps;

  /**
   * @param deps.path the file that stands for the card
   * @param deps.publicKey of who may sign, PEM
   * @param deps.version of the system that is there first
   * @param deps.restart ends this daemon, which is started again
   */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async facts(): Promise<SystemFacts> {
    const { slot, usual } = await this.#read();
    return { slot, usual };
  }

  async inspect(path: string): Promise<BundleFacts> {
    return { version: (await this.#open(path)).version };
  }

  async install(path: string, onProgress: (percent: number) => void): Promise<void> {
    const { version, startsAtAll } = await this.#open(path);
    const now = await this.#read();
    onProgress(0);
    const other = otherSlot(now.slot);
    await this.#write({
      ...now,
      next: other,
      systems: { ...now.systems, [other]: { version, startsAtAll } },
    });
    onProgress(100);
  }

  async chooseOther(): Promise<void> {
    const now = await this.#read();
    const other = otherSlot(now.slot);
    if (now.systems[other] === null) throw new UpdateError(updateReasons.nothingBefore);
    await this.#write({ ...now, next: other });
  }

  /** As the firmware does it: once, and one that does not start is followed by the usual one. */
  async tryOther(): Promise<void> {
    const now = await this.#read();
    const next = now.next ?? now.usual;
    const slot = now.systems[next]?.startsAtAll ? next : now.usual;
    await this.#write({ ...now, slot, next: null });
    this.#deps.restart();
  }

  async restart(): Promise<void> {
    const now = await this.#read();
    await this.#write({ ...now, slot: now.usual, next: null });
    this.#deps.restart();
  }

  async commit(): Promise<void> {
    const now = await this.#read();
    await this.#write({ ...now, usual: now.slot, next: null });
  }

  async #read(): Promise<Card> {
    try {
      return card.parse(JSON.parse(await readFile(this.#deps.path, 'utf8')));
    } catch {
      const first = { version: this.#deps.version, startsAtAll: true };
      return { slot: 'A', usual: 'A', next: null, systems: { A: first, B: null } };
    }
  }

  async #write(value: Card): Promise<void> {
    await mkdir(dirname(this.#deps.path), { recursive: true });
    await writeWhole(this.#deps.path, JSON.stringify(value));
  }

  /** @throws UpdateError */
  async #open(path: string): Promise<z.infer<typeof payload>> {
    let opened: z.infer<typeof bundle>;
    try {
      opened = bundle.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      throw new UpdateError(updateReasons.torn("it can't be read"));
    }
    const key = createPublicKey(this.#deps.publicKey);
    const isSigned = verify(null, Buffer.from(opened.payload), key, Buffer.from(opened.signature, 'base64'));
    const mark = createHash('sha256').update(opened.payload).digest('hex').slice(0, 8);
    if (!isSigned) throw new UpdateError(updateReasons.wrongKey(mark));
    const contents = payload.parse(JSON.parse(opened.payload));
    if (contents.compatible !== virtualCompatible)
      throw new UpdateError(updateReasons.otherBox(contents.compatible));
    return contents;
  }
}
