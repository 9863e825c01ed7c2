import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);
/** As image/card-make makes the data partition. */
const fileSystem = [
  ...['-q', '-t', 'ext4', '-b', '4096', '-m', '1', '-J', 'size=16', '-L', 'onair-data'],
  ...['-E', 'lazy_itable_init=0,lazy_journal_init=0'],
];
/** As the box mounts it: firmware/boot/initramfs. */
const mountOptions = 'noatime,nodev,nosuid,errors=remount-ro';
const startWithinMs = 30_000;

/** Mounts the ext4 file system in a file; resolves with what ends that. */
export async function mountImage(image: string, folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const { stdout } = await execute('losetup', ['--show', '-f', image]);
  const device = stdout.trim();
  try {
    await execute('mount', ['-t', 'ext4', '-o', mountOptions, device, folder]);
  } catch (error) {
    await execute('losetup', ['-d', device]);
    throw error;
  }
  return async () => {
    await execute('umount', [folder]);
    await execute('losetup', ['-d', device]);
  };
}

/**
 * A disk with the card's data partition whose every request is written down: QEMU's storage daemon gives it out as a file (FUSE), which a
 * loop device makes a disk of.
 */
export class RecordedDisk {
  /** Where it is mounted. */
  readonly folder: string;
  /** What it was before anything was written. */
  readonly blank: string;
  readonly log: string;
  readonly #daemon: ChildProcess;
  #unmount: (() => Promise<void>) | null = null;

  private constructor(folder: string, blank: string, log: string, daemon: ChildProcess) {
    this.folder = folder;
    this.blank = blank;
    this.log = log;
    this.#daemon = daemon;
  }

  /** @param work an empty folder */
  static async start(work: string, { megabytes }: { megabytes: number }): Promise<RecordedDisk> {
    const [blank, image, log, given] = ['blank.img', 'disk.img', 'writes.log', 'given'].map((name) =>
      join(work, name),
    ) as [string, string, string, string];
    await writeFile(blank, '');
    await truncate(blank, megabytes * 1024 ** 2);
    await execute('mke2fs', [...fileSystem, blank]);
    await copyFile(blank, image);
    for (const path of [log, given]) await writeFile(path, '');
    const daemon = spawn(
      'qemu-storage-daemon',
      [
        ...['--blockdev', `driver=file,node-name=image,filename=${image}`],
        ...['--blockdev', `driver=file,node-name=log,filename=${log}`],
        ...['--blockdev', 'driver=blklogwrites,node-name=recorded,file=image,log=log,log-sector-size=512'],
        ...['--export', `type=fuse,id=disk,node-name=recorded,mountpoint=${given},writable=on`],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const disk = new RecordedDisk(join(work, 'mounted'), blank, log, daemon);
    try {
      const deadlineMs = Date.now() + startWithinMs;
      while ((await stat(given)).size === 0) {
        if (Date.now() > deadlineMs || daemon.exitCode !== null)
          throw new Error('qemu-storage-daemon gives no disk');
        await delay(20);
      }
      disk.#unmount = await mountImage(given, disk.folder);
      return disk;
    } catch (error) {
      await disk.close();
      throw error;
    }
  }

  /** How far the log has come: what was answered before is before this. */
  async position(): Promise<number> {
    return (await stat(this.log)).size;
  }

  /** May be called twice. */
  async close(): Promise<void> {
    const unmount = this.#unmount;
    this.#unmount = null;
    await unmount?.();
    if (this.#daemon.exitCode !== null || this.#daemon.signalCode !== null) return;
    this.#daemon.kill('SIGTERM');
    await once(this.#daemon, 'exit');
  }
}
