import { read } from 'node:fs';
import { LinuxBinding, type LinuxOpenOptions, type LinuxPortBinding } from '@serialport/bindings-cpp';

/** A terminal line that was hung up: the cable is out, or the other end was closed. */
export class HungUpError extends Error {
  constructor() {
    super('The line was hung up.');
    this.name = 'HungUpError';
  }
}

type OpenPort = InstanceType<typeof LinuxPortBinding>;

/**
 * The binding of bindings-cpp with another way to read. A line that was hung up reads as zero bytes for ever, and
 * bindings-cpp reads again at once each time: a whole core for an unplugged cable.
 */
export const ttyBinding = {
  ...LinuxBinding,
  async open(options: LinuxOpenOptions): Promise<OpenPort> {
    const port = await LinuxBinding.open(options);
    port.read = async (buffer, offset, length) => {
      while (port.fd !== null) {
        const bytesRead = await readOnce(port.fd, buffer, offset, length);
        if (bytesRead === 0) throw new HungUpError();
        if (bytesRead !== null) return { buffer, bytesRead };
        if (port.isOpen) await readable(port);
      }
      throw Object.assign(new Error('The port is closed.'), { canceled: true });
    };
    return port;
  },
};

/** Null where there is nothing yet. */
function readOnce(fd: number, buffer: Buffer, offset: number, length: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, offset, length, null, (error, bytesRead) => {
      if (!error) resolve(bytesRead);
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
