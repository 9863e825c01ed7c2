import t from 'tap';
import { iceServersOf } from '#web-ui/server/ice-links.ts';

t.test('the servers of a WHEP answer', async (t) => {
  t.same(iceServersOf(null), []);
  t.same(iceServersOf('</style.css>; rel="preload", <http://x>; rel="ice-server"'), []);
  const link =
    '<stun:stun.example.org:3478>; rel="ice-server", ' +
    '<turn:[2001:db8::1]:3478?transport=udp>; rel=ice-server; username="1763600000:who, <really>; me"; ' +
    'credential="a+b/c=="; credential-type="password", <turns:t.example.org>; rel="ice-server"';
  t.same(iceServersOf(link), [
    { urls: 'stun:stun.example.org:3478' },
    {
      urls: 'turn:[2001:db8::1]:3478?transport=udp',
      username: '1763600000:who, <really>; me',
      credential: 'a+b/c==',
    },
    { urls: 'turns:t.example.org' },
  ]);
});
