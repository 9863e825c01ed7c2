import { hostname } from 'node:os';
import t from 'tap';
import { ask } from '../support/ask.ts';
import { BareControl } from '../support/bare-control.ts';
import { sayRaw } from '../support/web-server.ts';

t.setTimeout(240_000);

t.test('names that routers give open the page, others get words', async (t) => {
  const control = await BareControl.make(t, { network: { hostname: 'kitchen' } });
  control.start();
  const { ports } = await control.box.until((status) => status.ports.http !== null, 30_000);
  const port = ports.http ?? 0;
  const get = (host: string, headers: Record<string, string> = {}) =>
    ask('GET', `http://127.0.0.1:${port}/`, { headers: { host, ...headers } });
  const suffixes = ['local', 'lan', 'home.arpa', 'internal', 'localdomain', 'fritz.box'];
  for (const suffix of suffixes) {
    t.equal((await get(`kitchen.${suffix}`)).status, 200, suffix);
    t.equal((await get(`KITCHEN.${suffix}:${port}`)).status, 200, suffix);
  }
  t.equal((await get(`${hostname()}.lan`)).status, 200, 'what the system is called');
  for (const foreign of [
    'evil.lan',
    'kitchen.example.com',
    'kitchen.lan.example.com',
    'x.kitchen.lan',
    'lan',
  ])
    t.match(await get(foreign), { status: 403, json: { code: 'forbidden' } }, foreign);

  const english = await get('evil.example.com', { accept: 'text/html,*/*;q=0.8' });
  t.match(english, {
    status: 403,
    headers: { 'content-type': /text\/html/ },
    text: /not called by the name/,
  });
  t.match(english.text, `href="http://127.0.0.1:${port}/"`);
  t.match(english.text, `href="http://kitchen.local:${port}/"`);
  t.notMatch(english.text, 'evil');
  const german = await get('evil.example.com', { accept: 'text/html', 'accept-language': 'de-AT,de;q=0.9' });
  t.match(german.text, /lang="de"[\s\S]*Adresszeile/);
});

t.test('what is no request of HTTP/1.1 for this host is refused', async (t) => {
  const control = await BareControl.make(t);
  control.start();
  const { ports } = await control.box.until((status) => status.ports.http !== null, 30_000);
  const port = ports.http ?? 0;
  const say = (head: string) => sayRaw(port, `${head}\r\nConnection: close\r\n\r\n`);
  const host = `Host: 127.0.0.1:${port}`;
  t.match(await say(`GET / HTTP/1.1\r\n${host}`), /^HTTP\/1.1 200/);
  t.match(await say(`GET http://127.0.0.1:${port}/ HTTP/1.1\r\n${host}`), /^HTTP\/1.1 200/, 'absolute, own');
  for (const head of [
    `GET / HTTP/1.1\r\n${host}\r\nHost: evil.example.com`,
    `GET / HTTP/1.1\r\n${host}\r\n${host}`,
    `GET http://evil.example.com/ HTTP/1.1\r\n${host}`,
    `GET ftp://127.0.0.1:${port}/ HTTP/1.1\r\n${host}`,
    `GET / HTTP/2.0\r\n${host}`,
    `GET / HTTP/3.0\r\n${host}`,
  ])
    t.match(await say(head), /^HTTP\/1.1 400/, JSON.stringify(head));
});
