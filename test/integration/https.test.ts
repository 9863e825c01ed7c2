import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import t from 'tap';
import { WebSocket } from 'ws';
import { certificateBody } from '#core/protocol/endpoints/certificate.ts';
import { Appliance } from '../support/appliance.ts';

// HTTPS with the box's own authority, over the built bundles.

t.setTimeout(90_000);

interface Secure {
  port: number;
  authority: string;
}

/** Waits until the box has its certificate. */
async function secureOf(
  box: Appliance,
): Promise<Secure & { facts: ReturnType<typeof certificateBody.parse> }> {
  const origin = await box.origin();
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(`${origin}/api/v1/certificate`);
    if (answer.status === 200) {
      const facts = certificateBody.parse(await answer.json());
      const authority = await (await fetch(`${origin}/trust/onair-ca.crt`)).text();
      return { port: facts.port ?? 0, authority, facts };
    }
    await box.until(() => true);
  }
  throw new Error('no certificate');
}

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
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, ca: authority, headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    })
      .on('error', reject)
      .end();
  });
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
