/** The first file descriptor that systemd hands over (sd_listen_fds(3)). */
const firstDescriptor = 3;

/** What the box's two socket units call their sockets (`FileDescriptorName=`). */
const socketNames = ['http', 'https'] as const;
export type SocketName = (typeof socketNames)[number];

/**
 * The sockets that systemd opened for this process: they may be on ports below 1024, and they outlive a restart, so
 * that clients wait instead of being refused. The variables that say so are taken out of the environment: children have no part in
 * them.
 * @returns file descriptors by name; empty where none was handed over
 * @throws Error where there is one of another name
 */
export function activatedSockets(
  environment: NodeJS.ProcessEnv,
  pid = process.pid,
): Partial<Record<SocketName, number>> {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = '' } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[name];
  if (Number(LISTEN_PID) !== pid) return {};
  const names = LISTEN_FDNAMES.split(':');
  const found: Partial<Record<SocketName, number>> = {};
  for (let index = 0; index < Number(LISTEN_FDS ?? 0); index += 1) {
    const name = socketNames.find((one) => one === names[index]);
    if (!name)
      throw new Error(`systemd hands over a socket named ${names[index]}; http and https are expected`);
    found[name] = firstDescriptor + index;
  }
  return found;
}
