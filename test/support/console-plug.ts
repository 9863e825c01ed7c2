import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { LineHost } from './console-host.ts';

/** A laptop on the serial line of a running appliance. */
export async function plugIn({ stateDirectory }: { stateDirectory: string }) {
  const socket = await connectLine(join(stateDirectory, 'console.sock'));
  const wire = {
    write: (bytes: Uint8Array | string) => void socket.write(bytes),
    onData: (hear: (bytes: Buffer) => void) => void socket.on('data', hear).resume(),
  };
  const host = new LineHost(wire);
  const unplug = async (): Promise<void> => {
    const gone = once(socket, 'close');
    socket.destroy();
    await gone;
  };
  return { host, wire, unplug };
}

/** Whoever left a moment ago may still be on the line for the daemon. */
async function connectLine(path: string): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    const [first] = (await once(socket, 'data')) as [Buffer];
    if (!String(first).startsWith('The line is in use')) {
      socket.pause();
      socket.unshift(first);
      return socket;
    }
    socket.destroy();
  }
}
