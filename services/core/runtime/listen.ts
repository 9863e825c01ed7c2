import type { ListenOptions, Server } from 'node:net';

/**
 * Listens, for as long as the process runs.
 * @param onError of a server that listens already: a connection could not be accepted (EMFILE); the next one may be
 * @throws Error where it cannot listen
 */
export async function listen(
  server: Server,
  options: ListenOptions | { fd: number },
  onError: (error: Error) => void = () => {},
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      server.on('error', onError); // without a listener, one failed accept would end the process
      resolve();
    });
  });
}
