import { read, write } from 'node:fs';
import { LinuxBinding, type LinuxOpenOptions, type LinuxPortBinding } from '@serialport/bindings-cpp';

/** A terminal line that was hung up: the cable is out, or the other end was closed. */
export class HungUpError extends Error {
  constructor() {
    super('The line was hung up.');
    this.name = 'HungUpError';
  }
}

type OpenPort = InstanceType<typeof LinuxPortBinding>;

/** Between two tries to write to a line whose buffer (8 KB in u_serial.c) is full. */
const firstWaitMs = 2;
const longestWaitMs = 32;

/**
 * The binding of bindings-cpp with other ways to read and to write:
 * - A line that was hung up reads as zero bytes for ever, and bindings-cpp reads again at once each time: a whole
 *   core for an unplugged cable.
 * - Its poller forgets that somebody waits to write as soon as somebody waits to read (poller.cpp starts libuv's
 *   poll with the latest event alone): half an answer would wait for the next question. It is left to reading.
 */
export const ttyBinding = {
  ...LinuxBinding,
  async open(options: LinuxOpenOptions): Promise<OpenPort> {
    const port = await LinuxBinding.open(options);
    port.read = (buffer, offset, length) => readSome(port, buffer, offset, length);
    port.write = (buffer) => writeAll(port, buffer);
    return port;
  },
};

async function readSome(
  port: OpenPort,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<{ buffer: Buffer; bytesRead: number }> {
  while (port.fd !== null) {
    const bytesRead = await once(read, port.fd, buffer, offset, length);
    if (bytesRead === 0) throw new HungUpError();
    if (bytesRead !== null) return { buffer, bytesRead };
    if (port.isOpen) await readable(port);
  }
  throw closed();
}

async function writeAll(port: OpenPort, buffer: Buffer): Promise<void> {
  let offset = 0;
  let waitMs = firstWaitMs;
  while (offset < buffer.length) {
    if (port.fd === null) throw closed();
    const written = await once(write, port.fd, buffer, offset, buffer.length - offset);
    if (written !== null) {
      offset += written;
      waitMs = firstWaitMs;
    } else {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      waitMs = Math.min(2 * waitMs, longestWaitMs);
    }
  }
}

type Callback = (error: NodeJS.ErrnoException | null, bytes: number) => void;
type Transfer = (
  fd: number,
  buffer: Buffer,
  offset: number,
  length: number,
  position: null,
  callback: Callback,
) => void;

/** How many bytes went; null where none can now. */
function once(
  transfer: Transfer,
  fd: number,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    transfer(fd, buffer, offset, length, null, (error, bytes) => {
      if (!error) resolve(bytes);
      else if (error.code === 'EAGAIN' || error.code === 'EINTR') resolve(null);
      else reject(error);
    });
  });
}

function readable(port: OpenPort): Promise<void> {
  return new Promise((resolve, reject) => {
    port.poller.once('readable', (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

/** As bindings-cpp says it, so that nobody takes it for a failure. */
function closed(): Error {
  return Object.assign(new Error('The port is closed.'), { canceled: true });
}
