import { closeSync, constants, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { OnairError } from '#core/domain/errors.ts';
import type { ButtonLine, OnLevel } from '#core/hardware/gpio/button-line.ts';
import { SystemTree } from '#core/hardware/system-tree.ts';

/** Tells when a file descriptor has something to read, as the package `epoll` does. */
export interface ReadWatch {
  add(fd: number, events: number): unknown;
  remove(fd: number): unknown;
  close(): void;
}
export type OpenReadWatch = (onReadable: () => void) => { watch: ReadWatch; readable: number };

/** Loaded only where it is used: it is a native addon. A plain read would keep a thread of Node.js waiting for ever. */
export async function loadEpoll(): Promise<OpenReadWatch> {
  const { Epoll } = (await import('epoll')).default;
  return (onReadable) => ({ watch: new Epoll(onReadable), readable: Epoll.EPOLLIN });
}

/** input-event-codes.h */
const keyEvent = 1;
/** struct input_event of 64-bit systems: 16 bytes of time, then u16 type, u16 code, s32 value. */
const eventBytes = 24;
const eventsAtOnce = 64;
/** Longer than this nobody is kept from looking. */
const believableAgeMs = 5_000;

interface Deps {
  path: string;
  code: number;
  openWatch: OpenReadWatch;
}

/**
 * A button that the kernel's gpio-keys driver reports as a key: no line to open, and the kernel's own glitch filter
 * before ours.
 *
 * How the key stands at the start is told by an ioctl only, which Node.js doesn't have: it is taken as released. That
 * loses nothing: of a key that is held, the release is the first that is heard, and a release alone is not a press.
 */
export class KeyButton implements ButtonLine {
  readonly #deps: Deps;
  readonly #buffer = Buffer.alloc(eventBytes * eventsAtOnce);
  #fd: number | null = null;
  #watch: ReadWatch | null = null;

  /** @param deps.path "/dev/input/event1" */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The gpio-keys device that has this key, such as "event1"; a keyboard that has it is none. */
  static async find(sysRoot: string, code: number): Promise<string | null> {
    const tree = new SystemTree(sysRoot);
    for (const path of await tree.list('class/input')) {
      if (!/^event\d+$/.test(basename(path))) continue;
      const phys = (await tree.text(path, 'device/phys')) ?? '';
      if (!phys.startsWith('gpio-keys')) continue;
      if (hasBit((await tree.text(path, 'device/capabilities/key')) ?? '', code)) return basename(path);
    }
    return null;
  }

  /** @throws OnairError `unavailable` where the device can't be read */
  async start(onLevel: OnLevel): Promise<void> {
    try {
      this.#fd = openSync(this.#deps.path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      throw new OnairError('unavailable', `The button can't be read: ${error}.`, {
        subject: this.#deps.path,
        action: "Let the panel's user read it (group input, or a udev rule).",
      });
    }
    const { watch, readable } = this.#deps.openWatch(() => this.#read(onLevel));
    this.#watch = watch;
    onLevel(false);
    watch.add(this.#fd, readable);
  }

  close(): void {
    const [fd, watch] = [this.#fd, this.#watch];
    this.#fd = null;
    this.#watch = null;
    if (fd === null) return;
    watch?.remove(fd);
    watch?.close();
    closeSync(fd);
  }

  #read(onLevel: OnLevel): void {
    while (this.#fd !== null) {
      let bytes: number;
      try {
        bytes = readSync(this.#fd, this.#buffer);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return;
        throw error; // the device is gone: starting afresh finds it again, or says why not
      }
      if (bytes === 0) return;
      for (let at = 0; at + eventBytes <= bytes; at += eventBytes) {
        if (this.#buffer.readUInt16LE(at + 16) !== keyEvent) continue;
        if (this.#buffer.readUInt16LE(at + 18) !== this.#deps.code) continue;
        onLevel(this.#buffer.readInt32LE(at + 20) !== 0, this.#ageOf(at)); // 2: it repeats while it is held
      }
    }
  }

  /** By the wall clock, as the kernel stamps events; where that was set meanwhile, it was just now. */
  #ageOf(at: number): number {
    const atMs =
      Number(this.#buffer.readBigInt64LE(at)) * 1_000 + Number(this.#buffer.readBigInt64LE(at + 8)) / 1_000;
    const ageMs = Date.now() - atMs;
    return ageMs > 0 && ageMs < believableAgeMs ? ageMs : 0;
  }
}

/** A bitmap as sysfs prints it: hexadecimal words of 64 bits, the highest first. */
function hasBit(words: string, bit: number): boolean {
  const word = words.split(/\s+/).reverse()[Math.floor(bit / 64)];
  if (word === undefined || !/^[\da-f]{1,16}$/i.test(word)) return false;
  return ((BigInt(`0x${word}`) >> BigInt(bit % 64)) & 1n) === 1n;
}
