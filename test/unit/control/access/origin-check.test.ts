import t from 'tap';
import { isOwnHost, isSameOrigin, ownNames } from '#control/access/origin-check.ts';

const names = ownNames('onair', 'Studio-Box', ['cam.example.org', 'Other.Example']);

const hosts: [string | undefined, boolean][] = [
  ['onair', true],
  ['onair.local', true],
  ['ONAIR.Local:8080', true],
  ['onair.local.', true],
  ['onair.local.:8080', true],
  ['studio-box', true],
  ['studio-box.local', true],
  ['cam.example.org', true],
  ['cam.example.org:443', true],
  ['other.example', true],
  ['localhost', true],
  ['localhost:8080', true],
  ['LOCALHOST', true],
  ['anything.localhost', true],
  ['127.0.0.1', true],
  ['192.168.1.20:8080', true],
  ['[::1]', true],
  ['[::1]:8080', true],
  ['[fe80::1]', true],
  ['[fe80::1%25eth0]:8080', true],
  ['[fe80::1%eth0]', true],
  ['[2001:db8::7:1]', true],
  ['[::ffff:192.168.1.20]', true],

  // Names that an attacker can make point here.
  ['evil.example', false],
  ['onair.local.evil.example', false],
  ['evil-onair.local', false],
  ['onair.evil.example:8080', false],
  ['localhost.evil.example', false],
  ['127.0.0.1.nip.io', false],
  ['192.168.1.20.evil.example', false],
  ['evillocalhost', false],

  // What no browser sends.
  [undefined, false],
  ['', false],
  ['.', false],
  [':8080', false],
  ['evil.example@127.0.0.1', false],
  ['127.0.0.1/../evil', false],
  ['127.0.0.1#evil.example', false],
  ['127.0.0.1?evil', false],
  ['127.0.0.1\\evil', false],
  ['onair.local:', false],
  ['onair.local:port', false],
  ['onair.local:99999', false],
  ['onair.local evil', false],
  ['onair.local\tevil', false],
  ['[::1', false],
  ['[evil]', false],
  ['[::1]evil', false],
  ['::1', false],
  ['onair%25eth0', false],
  ['http://onair.local', false],
];
for (const [host, own] of hosts) {
  t.test(`Host: ${host} is ${own ? 'ours' : 'foreign'}`, (t) => {
    t.equal(isOwnHost(host, names), own);
    t.end();
  });
}

const origins: [origin: string | undefined, host: string | undefined, same: boolean][] = [
  [undefined, 'onair.local', true],
  [undefined, undefined, true],
  ['http://onair.local', 'onair.local', true],
  ['http://onair.local:8080', 'onair.local:8080', true],
  ['http://ONAIR.local', 'onair.LOCAL', true],
  ['http://onair.local:80', 'onair.local', true],
  ['http://onair.local', 'onair.local:80', true],
  ['https://onair.local', 'onair.local', true], // behind a proxy that ends TLS
  ['https://onair.local', 'onair.local:443', true],
  ['http://[::1]:8080', '[::1]:8080', true],
  ['http://[0:0:0:0:0:0:0:1]', '[::1]', true],
  ['http://192.168.1.20', '192.168.1.20', true],

  ['null', 'onair.local', false],
  ['', 'onair.local', false],
  ['http://evil.example', 'onair.local', false],
  ['http://onair.local:8081', 'onair.local:8080', false],
  ['http://onair.local', 'onair.local:8080', false],
  ['https://onair.local', 'onair.local:80', false],
  ['http://onair.local.evil.example', 'onair.local', false],
  ['http://onair', 'onair.local', false],
  ['http://127.0.0.1', 'localhost', false],
  ['http://evil.example@onair.local', 'onair.local', false],
  ['http://onair.local/path', 'onair.local', false],
  ['file://', '', false],
  ['file://onair.local', 'onair.local', false],
  ['chrome-extension://onair.local', 'onair.local', false],
  ['ftp://onair.local', 'onair.local', false],
  ['onair.local', 'onair.local', false],
  ['http://', '', false],
  ['http://undefined', undefined, false],
  ['http://onair.local, http://evil.example', 'onair.local', false],
];
for (const [origin, host, same] of origins) {
  t.test(`Origin: ${origin} at ${host} is ${same ? 'ours' : 'foreign'}`, (t) => {
    t.equal(isSameOrigin({ origin, host }, { secure: false }), same);
    t.equal(
      isSameOrigin({ origin, host }, { secure: true }),
      same && !/^http:/i.test(origin ?? ''),
      'over TLS',
    );
    t.end();
  });
}

t.test('a box is called by its own name, the system’s, and what the operator allows', (t) => {
  t.same(ownNames('onair', 'onair', []), ['onair', 'onair.local']);
  t.same(ownNames('onair', 'pi', ['x.org']), ['onair', 'onair.local', 'pi', 'pi.local', 'x.org']);
  t.end();
});
