/** The first file descriptor that systemd hands over (sd_listen_fds(3)). */
const firstDescriptor = 3;

/**
 * The socket that systemd opened for this process: it may be one on a port below 1024, and it outlives a restart, so
 * that clients wait instead of being refused. What says so is taken out of the environment: children have no part in it.
 * @returns its file descriptor, or null where none was handed over
 * @throws Error where there is more than the one socket that is expected
 */
export function activatedSocket(environment: NodeJS.ProcessEnv, pid = process.pid): number | null {
  const { LISTEN_PID, LISTEN_FDS } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[name];
  if (Number(LISTEN_PID) !== pid || !LISTEN_FDS || Number(LISTEN_FDS) === 0) return null;
  if (Number(LISTEN_FDS) !== 1) throw new Error(`systemd hands over ${LISTEN_FDS} sockets; one is expected`);
  return firstDescriptor;
}
