import t from 'tap';
import { clientInfo, severityOf } from '#web-ui/help/facts.ts';
import type { StatusReply } from '#web-ui/server/messages.ts';
import { type Place, sharedAddresses } from '#web-ui/share/address.ts';

const place = (origin: string): Place => {
  const { protocol, hostname, port } = new URL(origin);
  return { protocol, hostname, port, origin };
};
const status = (address: string | null): StatusReply => ({
  device: { name: 'Onair', hostname: 'garden', address },
  stream: { title: 'Live' },
  broadcast: { state: 'live', reason: null },
});

t.test('the address that others can use', async (t) => {
  const at = 'http://192.168.1.20:8080';
  const table: [string, string | null, string[]][] = [
    ['http://localhost:8080', at, [at, 'http://garden.local:8080']],
    ['http://127.0.0.1:8080', at, [at, 'http://garden.local:8080']],
    ['http://garden.local', 'http://192.168.1.20', ['http://192.168.1.20', 'http://garden.local']],
    ['https://live.example.org', at, ['https://live.example.org', at]],
    ['http://10.0.0.7', null, ['http://10.0.0.7', 'http://garden.local']],
    ['http://[::1]:8080', null, []],
    ['http://localhost', null, []],
  ];
  for (const [origin, address, expected] of table)
    t.same(sharedAddresses(status(address), place(origin)), expected, `${origin} of ${address}`);
  t.same(sharedAddresses(null, place('http://garden.local')), ['http://garden.local'], 'nothing heard yet');
});

t.test('what a report says of the viewer', async (t) => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
  t.same(clientInfo({ userAgent: chrome, connection: { effectiveType: '4g' } }, 'webrtc', 3_012.4), {
    player: 'Onair page, WebRTC',
    browser: 'Chrome 126',
    os: 'Linux',
    network: '4g',
    bandwidth_estimate_kbps: 3_012,
  });
  const others: [string, string, string][] = [
    [`${chrome} Edg/126.0.0.0`, 'Edge 126', 'Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0',
      'Firefox 128',
      'Windows',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      'Safari 17',
      'iOS',
    ],
    ['curl/8', 'unknown', 'unknown'],
  ];
  for (const [userAgent, browser, os] of others)
    t.match(clientInfo({ userAgent }, null, null), {
      browser,
      os,
      network: 'unknown',
      bandwidth_estimate_kbps: 0,
    });
});

t.test('how bad it was', async (t) => {
  t.equal(severityOf({ count: 0, stillMs: 0 }), 'low');
  t.equal(severityOf({ count: 3, stillMs: 1_500 }), 'medium');
  t.equal(severityOf({ count: 1, stillMs: 12_000 }), 'high');
});
