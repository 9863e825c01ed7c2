import t from 'tap';
import { activatedSockets } from '#control/storage/socket-activation.ts';

t.test('systemd’s word is for this process alone', async (t) => {
  const pid = String(process.pid);
  const environment: NodeJS.ProcessEnv = {
    LISTEN_PID: pid,
    LISTEN_FDS: '2',
    LISTEN_FDNAMES: 'https:http',
    HOME: '/',
  };
  t.strictSame(activatedSockets(environment), { https: 3, http: 4 }, 'by name, whatever their order');
  t.strictSame(environment, { HOME: '/' }, 'children are not told');
  t.strictSame(
    activatedSockets({ LISTEN_PID: '1', LISTEN_FDS: '1', LISTEN_FDNAMES: 'http' }),
    {},
    'meant for another process',
  );
  t.strictSame(activatedSockets({ LISTEN_PID: pid, LISTEN_FDS: '0' }), {});
  t.strictSame(activatedSockets({}), {});
  t.throws(
    () => activatedSockets({ LISTEN_PID: pid, LISTEN_FDS: '1', LISTEN_FDNAMES: 'telnet' }),
    /http and https are expected/,
  );
});
