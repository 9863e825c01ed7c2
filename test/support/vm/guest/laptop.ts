// Runs in the guest, as the laptop at the other end of the USB cable: lines of its standard input go to the serial
// port, what comes from there goes to its standard output.
//   laptop.mjs /dev/ttyACM0
import { execFileSync } from 'node:child_process';
import { constants, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const path = process.argv[2] ?? '/dev/ttyACM0';
execFileSync('stty', ['-F', path, 'raw', '-echo', '-echoe', '-echok', '-hupcl']);
const port = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
const incoming = createReadStream('', { fd: port, autoClose: false });
incoming.on('data', (bytes) => process.stdout.write(bytes));
const gone = (why: string): never => {
  process.stdout.write(`\n# the port is gone: ${why}\n`);
  process.exit(0);
};
incoming.on('error', ({ message }) => gone(message));
incoming.on('end', () => gone('end'));
createInterface({ input: process.stdin })
  .on('line', (line) => {
    try {
      writeSync(port, line === '' ? '\r' : `${line}\n`);
    } catch (error) {
      gone((error as Error).message);
    }
  })
  // A read that waits on the port would hold up an orderly exit.
  .on('close', () => process.kill(process.pid, 'SIGKILL'));
