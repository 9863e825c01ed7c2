import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { ask } from '#test/support/ask.ts';
import { json, routes } from '#test/support/web-routes.ts';
import { sayRaw, webServer } from '#test/support/web-server.ts';

t.setTimeout(30_000);

t.test('errors are problem documents, and bugs keep their details', async (t) => {
  const { url, kept } = await webServer(t, { routes });
  const busy = await ask('GET', `${url}/busy`);
  t.equal(busy.status, 503);
  t.match(busy.headers, {
    'content-type': 'application/problem+json',
    'retry-after': '10',
    'cache-control': 'no-store',
  });
  t.same(busy.json, { type: 'about:blank', status: 503, code: 'full', title: 'No place.', action: 'Wait.' });
  const boom = await ask('GET', `${url}/boom`);
  t.match(boom.json, { status: 500, code: 'internal' });
  t.notMatch(boom.text, /secret|Error|\.ts/);
  t.match(kept, [/secret detail/]);
  await t.rejects(ask('GET', `${url}/half`), 'an answer under way is cut off rather than completed');
  t.match((await ask('GET', `${url}/plain`)).json, { plain: true }, 'and the server goes on');
});

t.test('unknown paths, other methods, broken targets', async (t) => {
  const { url, port } = await webServer(t, { routes });
  t.match(await ask('GET', `${url}/nowhere`), {
    status: 404,
    json: { code: 'not-found', title: /\/nowhere/ },
  });
  t.match(await ask('PUT', `${url}/plain`), { status: 405, headers: { allow: 'GET, HEAD' } });
  t.match((await ask('POST', `${url}/plain`)).json, { code: 'method-not-allowed', title: /POST/ });
  const head = await ask('HEAD', `${url}/plain`);
  t.match(head, { status: 200, text: '', headers: { 'content-length': '14' } });
  t.match(await ask('HEAD', `${url}/nowhere`), { status: 404, text: '' });
  const raw = (target: string) =>
    sayRaw(port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  for (const target of [
    '/%',
    '/%zz',
    '/%c0%ae',
    '//evil/plain',
    '/plain/',
    '/../plain',
    '/./plain',
    'plain',
    '*',
    'http://evil/plain2',
  ])
    t.match(await raw(target), /^HTTP\/1\.1 (400|404|405|200)/, target);
  t.match(await raw('http://['), /^HTTP\/1\.1 400/);
  t.match(await raw(`/${'x'.repeat(20_000)}`), /^HTTP\/1\.1 431/);
});

t.test('a body must be of its type, within 64 KiB, and what it is said to be', async (t) => {
  const { url, port } = await webServer(t, { routes });
  const echo = (body: string | Buffer, headers: Record<string, string> = json) =>
    ask('POST', `${url}/echo`, { body, headers });
  t.match(await echo('{"text":"å"}'), { status: 200, json: { text: 'å' } });
  t.match(await echo('{}', { 'content-type': 'Application/JSON; charset=utf-8' }), { status: 200 });
  t.match(await echo('', {}), { status: 200, json: {} });
  t.match(await echo('{"text":'), { status: 400, json: { code: 'invalid-message', title: /not JSON/ } });
  t.match(await echo('{"text":5,"more":1}'), { status: 400, json: { title: /text: must be a text/ } });
  t.match(await echo('[]'), { status: 400 });
  t.match(await echo('text=1', { 'content-type': 'application/x-www-form-urlencoded' }), {
    status: 415,
    json: { code: 'unsupported-media-type', title: /application\/json.*not application\/x-www-form/ },
  });
  t.match(await echo('{}', {}), { status: 415, json: { title: /without a Content-Type/ } });
  const text = 'x'.repeat(64 * 1024 - 11);
  t.match(await echo(JSON.stringify({ text })), { status: 200 }, 'just fits');
  t.match(await echo(JSON.stringify({ text: `${text}x` })), { status: 413, json: { code: 'too-large' } });
  t.match(
    await echo(Buffer.alloc(10_000_000, 0x20)),
    { status: 413 },
    '10 MB, and its sender gets the answer',
  );
  const chunked = { ...json, 'transfer-encoding': 'chunked' };
  t.match(
    await echo(Buffer.alloc(1_000_000, 0x20), chunked),
    { status: 413 },
    'without a Content-Length too',
  );
  const endless = `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`;
  const cut = connect(port, '127.0.0.1');
  cut.write(endless, () => cut.destroy());
  await once(cut, 'close');
  t.match(await ask('GET', `${url}/plain`), { status: 200 });
});

t.test('requests that two readers would read differently are refused', async (t) => {
  const { port } = await webServer(t, { routes });
  const start = 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const ambiguous = [
    `${start}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${start}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`,
    `${start}Content-Length: +2\r\n\r\n{}`,
    `${start}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    `${start}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
    `${start}Content-Length: 2\r\n\u0000: x\r\n\r\n{}`,
    'GET /plain HTTP/1.1\r\n\r\n',
    'GET /plain\r\n\r\n',
    'nonsense\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001',
  ];
  for (const request of ambiguous)
    t.match(await sayRaw(port, request), /^(HTTP\/1\.1 40[03] |$)/, JSON.stringify(request.slice(0, 120)));
  t.match(await sayRaw(port, 'GET /plain HTTP/1.0\r\n\r\n'), /403 Forbidden/, 'no Host, no answer');
});
