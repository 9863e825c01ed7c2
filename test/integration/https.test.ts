import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import t from 'tap';
import { WebSocket } from 'ws';
import { certificateBody } from '#core/protocol/endpoints/certificate.ts';
import { Appliance } from '../support/appliance.ts';
import { type Secure, secureOf } from '../support/secure-box.ts';

// HTTPS with the box's own authority, over the built bundles.

t.setTimeout(240_000);
const run = promisify(execFile);

/** The certificate that the server shows to a client that trusts the box's authority; rejects where the client refuses it. */
async function shownTo(
  { port, authority }: Secure,
  options: { servername?: string; maxVersion?: 'TLSv1.1' | 'TLSv1.2' } = {},
): Promise<{ sha256: string; protocol: string | null }> {
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    ca: authority,
    minVersion: 'TLSv1',
    ...options,
    ...(options.servername ? {} : { servername: '' }),
  });
  await once(socket, 'secureConnect');
  const shown = { sha256: socket.getPeerCertificate().fingerprint256, protocol: socket.getProtocol() };
  socket.destroy();
  return shown;
}

function askSecure(
  { port, authority }: Secure,
  path: string,
  headers: Record<string, string> = {},
  body?: object,
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const method = body ? 'POST' : 'GET';
    const type = body ? { 'content-type': 'application/json' } : {};
    const options = { host: '127.0.0.1', port, path, ca: authority, agent: false };
    request({ ...options, method, headers: { ...type, ...headers } }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    })
      .on('error', reject)
      .end(body && JSON.stringify(body));
  });
}

/** The server's own certificate, PEM. */
async function leafShown({ port, authority }: Secure): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port, ca: authority, servername: '' });
  await once(socket, 'secureConnect');
  const certificate = new X509Certificate(socket.getPeerCertificate().raw);
  socket.destroy();
  return certificate.toString();
}

async function authorityFile(box: Appliance): Promise<string> {
  return await readFile(join(box.stateDirectory, 'tls', 'authority.pem'), 'utf8');
}

t.test(
  'a client that installed the box’s authority is served over TLS, by name and by address',
  async (t) => {
    const box = await Appliance.start();
    t.teardown(() => box.close());
    const secure = await secureOf(box);
    const { facts, authority, port } = secure;

    const certificate = new X509Certificate(authority);
    t.equal(facts.authority.sha256, certificate.fingerprint256);
    t.equal(certificate.ca, true);
    for (const name of ['onair.local', 'onair.lan', 'localhost', '127.0.0.1', '10.55.0.1'])
      t.ok(facts.leaf.names.includes(name), `its certificate names ${name}`);
    const lifeDays = (Date.parse(facts.leaf.notAfter) - Date.now()) / 86_400_000;
    t.ok(lifeDays > 300 && lifeDays < 825, `valid for ${Math.round(lifeDays)} more days`);

    t.match(await shownTo(secure, { servername: 'onair.local' }), {
      sha256: facts.leaf.sha256,
      protocol: 'TLSv1.3',
    });
    t.match(await shownTo(secure, { maxVersion: 'TLSv1.2' }), { protocol: 'TLSv1.2' });
    await t.rejects(shownTo(secure, { maxVersion: 'TLSv1.1' }), 'nothing older is spoken');
    await t.rejects(shownTo(secure, { servername: 'example.org' }), 'it is nobody else’s certificate');
    const { stdout } = await box.onair('certificate', '--json');
    t.strictSame(certificateBody.parse(JSON.parse(stdout)), facts, 'onair certificate says the same');

    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority });
    t.teardown(() => session.close());
    const stream = session.request({ ':path': '/api/v1/status' });
    const [headers] = await once(stream, 'response');
    t.equal(headers[':status'], 200, 'HTTP/2');
    stream.resume();
    await once(stream, 'end');
    const rebound = session.request({ ':path': '/api/v1/status', ':authority': 'evil.example' });
    const [refused] = await once(rebound, 'response');
    t.equal(refused[':status'], 403, 'no name of the box: DNS rebinding');

    const socket = new WebSocket(`wss://127.0.0.1:${port}/ws`, { ca: authority });
    const [message] = await once(socket, 'message');
    t.match(JSON.parse(String(message)), { type: 'status' }, 'a web socket over TLS');
    socket.close();

    const revoked = await fetch(`${await box.origin()}/trust/onair-ca.crl`);
    t.equal(revoked.headers.get('content-type'), 'application/pkix-crl');
    const folder = t.testdir({ 'ca.pem': authority });
    await writeFile(join(folder, 'list.der'), Buffer.from(await revoked.arrayBuffer()));
    await writeFile(join(folder, 'leaf.pem'), await leafShown(secure));
    const openssl = (...options: string[]) => run('openssl', options, { cwd: folder });
    await openssl('crl', '-inform', 'DER', '-in', 'list.der', '-out', 'list.pem');
    const { stdout: verified } = await openssl(
      ...['verify', '-crl_check', '-x509_strict', '-CAfile', 'ca.pem', '-CRLfile', 'list.pem', 'leaf.pem'],
    );
    t.match(verified, 'leaf.pem: OK', 'its revocation can be looked up');
    const { stdout: text } = await openssl('x509', '-in', 'leaf.pem', '-noout', '-text');
    t.match(text, `URI:http://onair.local:${(await box.status()).ports.http}/trust/onair-ca.crl`);

    const profile = await (await fetch(`${await box.origin()}/trust/onair.mobileconfig`)).text();
    t.ok(
      profile.includes(authority.replace(/-----[A-Z ]+-----|\s/g, '')),
      'the profile for Apple holds the authority',
    );
  },
);

t.test('the authority lasts; the certificate follows the name, and what is torn is made again', async (t) => {
  let box = await Appliance.start();
  t.teardown(() => box.close());
  const before = await secureOf(box);
  const mode = await authorityFile(box);
  t.match(mode, /PRIVATE KEY/);

  await box.onair('settings', 'set', 'network.hostname', 'stage');
  await box.onair('restart');
  const until = async (satisfied: (secure: Awaited<ReturnType<typeof secureOf>>) => boolean) => {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const secure = await secureOf(box).catch(() => null);
      if (secure && satisfied(secure)) return secure;
      await box.until(() => true);
    }
    throw new Error('the certificate did not change');
  };
  const renamed = await until(({ facts }) => facts.leaf.names.includes('stage.local'));
  t.equal(renamed.facts.authority.sha256, before.facts.authority.sha256, 'nobody has to trust it again');

  const { stateDirectory } = box;
  await box.close({ keepState: true });
  await writeFile(join(stateDirectory, 'tls', 'leaf.pem'), '-----BEGIN PRIVATE KEY-----\ntorn');
  box = await Appliance.start({ stateDirectory });
  const again = await secureOf(box);
  t.equal(again.facts.authority.sha256, before.facts.authority.sha256);
  t.not(again.facts.leaf.sha256, renamed.facts.leaf.sha256);
  t.match(await shownTo(again), { sha256: again.facts.leaf.sha256 });
});

t.test('cookies that are set over TLS are shown over TLS alone', async (t) => {
  const box = await Appliance.start({ settings: { viewing: { access: 'pin', pin: '246810' } } });
  t.teardown(() => box.close());
  const secure = await secureOf(box);
  const origin = await box.origin();
  const cookieOf = ({ headers }: { headers: NodeJS.Dict<string | string[]> }): string =>
    headers['set-cookie']?.[0] ?? '';
  const nameAndValueOf = (cookie: string): string => cookie.split(';')[0] ?? '';

  const attributes = 'Path=/; Secure; HttpOnly; SameSite=';
  t.match(
    cookieOf(await askSecure(secure, '/')),
    new RegExp(`^__Host-onair_viewer=[^;]+; ${attributes}Lax; Max-Age=`),
  );
  t.match(
    (await fetch(`${origin}/`)).headers.get('set-cookie'),
    /^onair_viewer=[^;]+; Path=\/; HttpOnly; SameSite=Lax;/,
  );

  const { stream } = await box.status();
  const opened = cookieOf(
    await askSecure(secure, `/api/v1/streams/${stream.id}/tokens`, {}, { pin: '246810' }),
  );
  t.match(opened, new RegExp(`^__Host-onair_access=[^;]+; ${attributes}Strict$`));
  const admitted = async (cookie: string): Promise<unknown> =>
    JSON.parse((await askSecure(secure, '/api/v1/status', { cookie })).body).viewer;
  t.same(await admitted(nameAndValueOf(opened)), { admitted: true });
  const plain = nameAndValueOf(opened).replace('__Host-', '');
  t.same(await admitted(plain), { admitted: true }, 'one that was set without TLS is taken too');
  t.same(
    await admitted(`${nameAndValueOf(opened)}; onair_access=x`),
    { admitted: true },
    'whatever the other one says',
  );

  const { code } = (await box.call('POST', '/api/v1/pairing/code')) as { code: string };
  const paired = cookieOf(await askSecure(secure, '/api/v1/pairing', {}, { code, name: 'Kim' }));
  t.match(paired, new RegExp(`^__Host-onair_operator=[\\w-]{43}; ${attributes}Strict; Max-Age=`));
  const cookie = nameAndValueOf(paired);
  t.equal((await askSecure(secure, '/api/v1/operators', { cookie })).status, 200);
  const overHttp = await fetch(`${origin}/api/v1/operators`, { headers: { cookie } });
  t.equal(overHttp.status, 401, 'without TLS it is no cookie of the box');
  const renewed = await askSecure(secure, '/api/v1/pairing', { cookie: cookie.replace('__Host-', '') });
  t.equal(nameAndValueOf(cookieOf(renewed)), cookie, 'one of before becomes one of TLS');

  const from = async (page: string): Promise<number> =>
    (await askSecure(secure, '/api/v1/status', { origin: page })).status;
  t.equal(await from(`https://127.0.0.1:${secure.port}`), 200);
  t.equal(await from(`http://127.0.0.1:${secure.port}`), 403, 'a page without TLS may be anybody’s');
  t.equal(await from('http://127.0.0.1'), 403);
});

t.test('required leads pages to HTTPS, off serves none', async (t) => {
  const box = await Appliance.start();
  t.teardown(() => box.close());
  const secure = await secureOf(box);
  const origin = await box.origin();
  t.equal((await fetch(`${origin}/`, { redirect: 'manual' })).status, 200, 'auto leaves HTTP as it is');

  await box.onair('settings', 'set', 'https.mode', 'required');
  const led = await fetch(`${origin}/studio?a=b`, { redirect: 'manual' });
  t.equal(led.status, 308);
  t.equal(led.headers.get('location'), `https://127.0.0.1:${secure.port}/studio?a=b`);
  t.equal((await fetch(`${origin}/trust/onair-ca.crt`)).status, 200, 'what one needs to trust the box stays');
  t.equal((await fetch(`${origin}/whep`, { method: 'POST' })).status, 403);
  t.equal((await askSecure(secure, '/studio')).status, 200);

  t.notOk(
    (await askSecure(secure, '/')).headers['strict-transport-security'],
    'HSTS only where the owner asks',
  );
  await box.onair('settings', 'set', 'https.hsts', 'true');
  t.match((await askSecure(secure, '/')).headers['strict-transport-security'], /max-age=31536000/);

  await box.onair('settings', 'set', 'https.mode', 'off');
  await t.rejects(shownTo(secure), 'no TLS any more');
  t.equal((await fetch(`${origin}/`, { redirect: 'manual' })).status, 200);
  t.equal((await box.status()).ports.https, null);
});
