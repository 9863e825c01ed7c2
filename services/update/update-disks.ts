import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import { compareVersions } from './version-order.ts';

const lookEveryMs = 5_000;
/** As `make update` names a bundle: "onair-0.3.0-arm64.raucb". */
const bundleName = /^onair-(\d+\.\d+\.\d+(?:-[a-z]+\.?\d+)?)-(?:arm64|amd64)(?:-[\w-]+)?\.raucb$/;

export interface DiskOffer {
  version: string;
  /** Of the bundle on the disk. */
  path: string;
}

interface UpdateDisksOptions {
  /** The version that runs. */
  version: string;
  /** Folders of the disks that are plugged in. */
  disks: () => Promise<string[]>;
  /** What is newer has changed; null where nothing is. */
  onOffer: (offer: DiskOffer | null) => void;
  clock: Clock;
}

/**
 * Looks on USB disks for a newer version, for boxes without a network. A file's name says which one it is; its signature is what is
 * trusted, once somebody asks for it: nothing is installed from a disk by itself.
 */
export class UpdateDisks {
  readonly #deps: UpdateDisksOptions;
  #offer: DiskOffer | null = null;
  #stop: () => void = () => {};

  constructor(deps: UpdateDisksOptions) {
    this.#deps = deps;
  }

  start(): void {
    void this.look();
    this.#stop = this.#deps.clock.every(lookEveryMs, () => void this.look());
  }

  close(): void {
    this.#stop();
  }

  async look(): Promise<void> {
    const { version, disks, onOffer } = this.#deps;
    const folders = await disks();
    const found = await Promise.all(folders.map(bundlesIn));
    const newest = found
      .flat()
      .filter((offer) => compareVersions(offer.version, version) > 0)
      .sort((one, other) => compareVersions(other.version, one.version))
      .at(0);
    if (newest?.path === this.#offer?.path) return;
    this.#offer = newest ?? null;
    onOffer(this.#offer);
  }
}

async function bundlesIn(folder: string): Promise<DiskOffer[]> {
  const names = await readdir(folder).catch(() => []); // it is pulled just now
  return names.flatMap((name) => {
    const version = bundleName.exec(name)?.[1];
    return version === undefined ? [] : [{ version, path: join(folder, name) }];
  });
}
