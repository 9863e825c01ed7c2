import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { previewMark } from '#control/http/link-preview.ts';
import { matchPath, type Route, Router } from '#control/http/router.ts';
import { webPageRoutes } from '#control/http/web-pages.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { ask } from '#test/support/ask.ts';
import { sayRaw, webServer } from '#test/support/web-server.ts';

const route = (method: Route['method'], path: string): Route => ({
  method,
  path,
  who: 'everybody',
  handle: () => {},
});
const router = new Router([
  route('GET', '/*'),
  route('GET', '/hls/*'),
  route('POST', '/whep'),
  route('OPTIONS', '/whep'),
  route('PATCH', '/whep/:session'),
  route('DELETE', '/whep/:session'),
  route('GET', '/api/:version/status'),
]);
const find = (method: string, path: string) => {
  try {
    const { route: found, params } = router.find(method, path);
    return [`${found.method} ${found.path}`, params];
  } catch (error) {
    const problem = (error as { problem?: { headers: { allow: string } } }).problem;
    return problem ? `405 ${problem.headers.allow}` : (error as { code: string }).code;
  }
};

const found: [string, string, unknown][] = [
  ['GET', '/', ['GET /*', {}]],
  ['GET', '/anything/at/all', ['GET /*', {}]],
  ['HEAD', '/hls/live.m3u8', ['GET /hls/*', {}]],
  ['GET', '/hls', ['GET /*', {}]],
  ['POST', '/whep', ['POST /whep', {}]],
  ['PATCH', '/whep/abc', ['PATCH /whep/:session', { session: 'abc' }]],
  ['DELETE', '/whep/a%2Fb%20c', ['DELETE /whep/:session', { session: 'a/b c' }]],
  ['GET', '/api/v1/status', ['GET /api/:version/status', { version: 'v1' }]],
  ['GET', '/whep', '405 POST, OPTIONS'],
  ['PUT', '/whep/abc', '405 PATCH, DELETE'],
  ['POST', '/hls/live.m3u8', '405 GET, HEAD'],
  ['POST', '/api/v1/status', '405 GET, HEAD'],
  ['POST', '/nowhere', 'not-found'],
  ['PATCH', '/whep/%zz', 'not-found'],
  ['PATCH', '/whep/%c0%ae', 'not-found'],
  ['PATCH', '/whep/a/b', 'not-found'],
  ['constructor', '/whep', '405 POST, OPTIONS'],
];
for (const [method, path, expected] of found) {
  t.test(`${method} ${path}`, (t) => {
    t.same(find(method, path), expected);
    t.end();
  });
}

t.test('patterns of web sockets fit as those of routes do', (t) => {
  t.same(matchPath('/api/v1/streams/:id/ws', '/api/v1/streams/x/ws'), { id: 'x' });
  t.equal(matchPath('/ws', '/ws/'), null);
  t.equal(matchPath('/ws', '/wss'), null);
  t.same(matchPath('/streams/:id/ws', '/streams//ws'), { id: '' });
  t.end();
});

t.test('pages are served from their folder and from nowhere else', async (t) => {
  const folder = t.testdir({ 'secret.txt': 'secret' });
  const pages = join(folder, 'web-ui');
  await mkdir(join(pages, 'assets'), { recursive: true });
  await writeFile(join(pages, 'index.html'), '<!doctype html><title>Onair</title>');
  await writeFile(join(pages, 'assets', 'main-abc123.js'), 'export {};');
  await writeFile(join(pages, '.env'), 'hidden');
  const settings = initialSettings({ deviceId: 'd', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });
  const identity = new ViewerIdentity({ tokens: {} as TokenKeeper, settings: () => settings });
  const { url, port } = await webServer(t, {
    routes: webPageRoutes({ directory: pages, identity, httpsPort: () => null }),
  });

  const page = await ask('GET', `${url}/`);
  t.match(page, { status: 200, text: /Onair/ });
  t.match(page.headers, {
    'content-type': 'text/html;charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'set-cookie': [/^onair_viewer=/],
  });
  const policy = page.headers['content-security-policy'] ?? '';
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
    t.match(policy, part);
  t.notMatch(policy, /unsafe|\*|http:/);
  const cookie = String(page.headers['set-cookie']).split(';')[0] ?? '';
  const again = await ask('GET', `${url}/`, {
    headers: { cookie, 'if-none-match': String(page.headers.etag) },
  });
  t.equal(again.status, 304);
  t.notOk(again.headers['set-cookie']);
  const script = await ask('GET', `${url}/assets/main-abc123.js`);
  t.match(script.headers, { 'content-type': /javascript/, 'cache-control': /max-age=31536000, immutable/ });
  t.match(script.headers['content-security-policy'], /default-src/);
  t.match(await ask('HEAD', `${url}/`), { status: 200, text: '' });

  const climbing = [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/..%2Fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%252e%252e%252f%252e%252e%252fsecret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '//secret.txt',
    '/./../secret.txt',
    `/${folder}/secret.txt`,
    'file:///secret.txt',
    '/.env',
    '/%00',
    '/index.html%00.js',
    '/%zz',
  ];
  for (const target of climbing) {
    const answer = await sayRaw(
      port,
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    t.notMatch(answer, /\r\n\r\n(secret|hidden)/, target);
    t.match(answer, /^HTTP\/1\.1 (404|400|200)/, target);
  }
});

t.test(
  'a pasted address shows what the broadcast is called, and a picture that everybody may see',
  async (t) => {
    const pages = t.testdir({
      'index.html': `<!doctype html><title>Onair</title>${previewMark}<p>$& stays</p>`,
      'index.html.gz': 'made when it was built',
    });
    const settings = initialSettings({ deviceId: 'd', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });
    const identity = new ViewerIdentity({ tokens: {} as TokenKeeper, settings: () => settings });
    const shown = { title: '"Carols" <b>&', description: '', pictured: true };
    const { url } = await webServer(t, {
      routes: webPageRoutes({ directory: pages, identity, httpsPort: () => null, linkPreview: () => shown }),
    });
    const live = await ask('GET', `${url}/`);
    t.match(live.text, 'property="og:title" content="&quot;Carols&quot; &lt;b&gt;&amp;"');
    t.match(live.text, `property="og:image" content="${url}/api/v1/snapshot.jpg?width=1280"`);
    t.match(live.text, '<p>$& stays</p>');
    shown.pictured = false;
    const off = await ask('GET', `${url}/`);
    t.match(off.text, `property="og:image" content="${url}/icon-512.png"`);
    t.not(off.headers.etag, live.headers.etag);
    const known = { 'if-none-match': String(off.headers.etag) };
    t.equal((await ask('GET', `${url}/`, { headers: known })).status, 304);
    const packed = await fetch(`${url}/`, { headers: { 'accept-encoding': 'gzip' } });
    t.equal(packed.headers.get('content-encoding'), 'gzip');
    t.match(await packed.text(), 'icon-512.png');
  },
);

t.test('a page that was never built says what to do', async (t) => {
  const settings = initialSettings({ deviceId: 'd', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });
  const identity = new ViewerIdentity({ tokens: {} as TokenKeeper, settings: () => settings });
  const routes = webPageRoutes({ directory: join(t.testdir(), 'nothing'), identity, httpsPort: () => null });
  const { url } = await webServer(t, { routes });
  t.match(await ask('GET', `${url}/`), { status: 503, json: { action: 'Run make build.' } });
});
