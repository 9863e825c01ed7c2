import { runDaemon } from '#core/runtime/daemon.ts';

/** A daemon that does nothing, and on SIGUSR2 hangs as a daemon may: its event loop never turns again. */
await runDaemon('watched', async ({ own }) => {
  const awake = setInterval(() => {}, 60_000);
  own({ close: () => clearInterval(awake) });
  process.on('SIGUSR2', () => {
    for (;;);
  });
});
