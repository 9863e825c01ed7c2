import t from 'tap';
import { activatedSocket } from '#control/storage/socket-activation.ts';

t.test('systemd’s word is for this process alone', async (t) => {
  const environment: NodeJS.ProcessEnv = {
    LISTEN_PID: String(process.pid),
    LISTEN_FDS: '1',
    LISTEN_FDNAMES: 'onair-control.socket',
    HOME: '/',
  };
  t.equal(activatedSocket(environment), 3);
  t.strictSame(environment, { HOME: '/' }, 'children are not told');
  t.equal(activatedSocket({ LISTEN_PID: '1', LISTEN_FDS: '1' }), null, 'meant for another process');
  t.equal(activatedSocket({ LISTEN_PID: String(process.pid), LISTEN_FDS: '0' }), null);
  t.equal(activatedSocket({}), null);
  t.throws(() => activatedSocket({ LISTEN_PID: String(process.pid), LISTEN_FDS: '2' }), /one is expected/);
});
