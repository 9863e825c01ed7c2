import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import t from 'tap';
import { certificateBody } from '#core/protocol/endpoints/certificate.ts';
import { Appliance } from '../support/appliance.ts';

// A certificate for a domain of the owner's, from files, over the built bundles.

t.setTimeout(240_000);
const run = promisify(execFile);
const domain = 'camera.example.org';

const folder = await mkdtemp(join(tmpdir(), 'onair-owner-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

/** A pair as a certificate authority would give it: here it vouches for itself. */
async function makePair(
  name: string,
  kind: 'rsa' | 'ec' = 'ec',
): Promise<{ certificate: string; key: string }> {
  const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const how = kind === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  await run('openssl', [
    ...['req', '-x509', '-nodes', '-newkey', ...how, '-keyout', key, '-out', certificate],
    ...['-days', '90', '-subj', `/CN=${domain}`, '-addext', `subjectAltName=DNS:${domain}`],
  ]);
  return { certificate, key };
}

/** An open connection by this name; what it is shown is read off it. */
async function connection(port: number, servername: string): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}

async function namesShown(port: number, servername: string): Promise<string> {
  const socket = await connection(port, servername);
  const { subjectaltname = '' } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname;
}

t.test("who asks for the owner's domain is shown the owner's certificate", async (t) => {
  const [first, next, rsa] = await Promise.all([makePair('first'), makePair('next'), makePair('rsa', 'rsa')]);
  const certificateFile = join(folder, 'fullchain.pem');
  const keyFile = join(folder, 'privkey.pem');
  await copyFile(first.certificate, certificateFile);
  await copyFile(first.key, keyFile);
  const box = await Appliance.start({});
  t.teardown(() => box.close());
  const facts = async () => {
    const answer = await box.call('GET', '/api/v1/certificate').catch(() => null);
    return answer === null ? null : certificateBody.parse(answer);
  };
  const factsOnce = async (fits: (found: NonNullable<Awaited<ReturnType<typeof facts>>>) => boolean) => {
    const deadlineMs = performance.now() + 60_000;
    for (;;) {
      const found = await facts();
      if (found && fits(found)) return found;
      if (performance.now() > deadlineMs) throw new Error(`not reached: ${JSON.stringify(found)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const { port } = await factsOnce(() => true);
  if (port === null) throw new Error('no HTTPS');
  const set = (https: object) => box.call('PATCH', '/api/v1/settings', { https });

  await t.test('half of a pair, and what is none, is said', async (t) => {
    await set({ certificateFile });
    const half = await box.until(({ problems }) => problems.some(({ code }) => /^owner-/.test(code)));
    t.match(half.problems, [{ code: 'owner-certificate-unusable', message: /one of them is missing/ }]);
    await set({ keyFile: next.key });
    await box.until(({ problems }) =>
      problems.some(({ message }) => /not that of the certificate/.test(message)),
    );
    await set({ certificateFile: rsa.certificate, keyFile: rsa.key });
    await box.until(({ problems }) => problems.some(({ message }) => /not an ECDSA key/.test(message)));
    await set({ certificateFile, keyFile: '/dev/zero' });
    await box.until(({ problems }) =>
      problems.some(({ message }) => /\/dev\/zero: it is not a file/.test(message)),
    );
    await t.rejects(set({ keyFile: 'privkey.pem' }), 'a path that is not whole');
    t.notMatch(await namesShown(port, domain), /example/);
  });

  await t.test('a pair is used at once, and the box may be called by its name', async (t) => {
    await set({ keyFile });
    const { owner, leaf } = await factsOnce((found) => found.owner !== null);
    t.match(owner, { names: [domain], sha256: /^([\dA-F]{2}:){31}/ });
    t.notMatch(leaf.names, [domain]);
    await box.until(({ problems }) => problems.length === 0);
    t.equal(await namesShown(port, domain), `DNS:${domain}`);
    t.match(await namesShown(port, 'localhost'), /localhost/);
    const asked = request({
      ...{ host: '127.0.0.1', port, servername: domain, rejectUnauthorized: false },
      ...{ path: '/api/v1/health', headers: { host: `${domain}:${port}` } },
    });
    asked.end();
    const [answer] = await once(asked, 'response');
    answer.resume();
    t.equal(answer.statusCode, 200);
  });

  await t.test('renewed files are shown without dropping anybody', async (t) => {
    const before = await facts();
    const open = await connection(port, domain);
    let ended = false;
    open.on('close', () => {
      ended = true;
    });
    await copyFile(next.key, keyFile);
    await copyFile(next.certificate, certificateFile);
    await set({ hsts: true });
    const { owner } = await factsOnce(({ owner }) => owner?.sha256 !== before?.owner?.sha256);
    t.equal(owner?.names[0], domain);
    t.notOk(ended);
    open.destroy();
  });

  await t.test('what is torn later is told, and the one before goes on', async (t) => {
    await writeFile(certificateFile, '-----BEGIN CERTIFICATE-----\nMIIB');
    await set({ hsts: false });
    await box.until(({ problems }) => problems.some(({ message }) => /holds no certificate/.test(message)));
    t.equal(await namesShown(port, domain), `DNS:${domain}`);
    await set({ certificateFile: null, keyFile: null });
    await box.until(({ problems }) => problems.length === 0);
    t.notMatch(await namesShown(port, domain), /example/);
  });
});
