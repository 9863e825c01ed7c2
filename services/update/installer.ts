import type { UpdateSlot } from '#core/protocol/endpoints/update.ts';

/** What a bundle says of itself, once its signature was found to be right. */
export interface BundleFacts {
  version: string;
}

export interface SystemFacts {
  /** The system that runs. */
  slot: UpdateSlot;
  /** The one that is started when nothing is tried. */
  usual: UpdateSlot;
}

/**
 * The two systems of a card, and what writes, tries and commits them: the hardware of updates. All reject with an `UpdateError`
 * where something is wrong with the bundle or the card.
 */
export interface Installer {
  facts(): Promise<SystemFacts>;
  /** Verifies the whole bundle; nothing is written. */
  inspect(path: string): Promise<BundleFacts>;
  /** Verifies it again and writes it to the system that does not run; that is the next to be tried. */
  install(path: string, onProgress: (percent: number) => void): Promise<void>;
  /** The system that does not run is the next to be tried, as it is. */
  chooseOther(): Promise<void>;
  /** Restarts the box in the system that was installed or chosen last, once. */
  tryOther(): Promise<void>;
  /** Restarts the box in the usual system. */
  restart(): Promise<void>;
  /** The system that runs becomes the usual one. */
  commit(): Promise<void>;
}

export const otherSlot = (slot: UpdateSlot): UpdateSlot => (slot === 'A' ? 'B' : 'A');
