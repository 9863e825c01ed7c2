import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import t from 'tap';
import { certificateBody } from '#core/protocol/endpoints/certificate.ts';
import { AcmeAuthority } from '../support/acme-authority.ts';
import { Appliance } from '../support/appliance.ts';

// A certificate from an authority, by ACME with a text record, over the built bundles.

t.setTimeout(240_000);
const domain = 'camera.example.org';

async function issuerShown(port: number, servername: string): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { issuer } = socket.getPeerCertificate();
  socket.destroy();
  return String(issuer.CN);
}

t.test(
  'the box proves its domain, is given a certificate, and shows it to who asks for that name',
  async (t) => {
    const authority = await AcmeAuthority.start();
    t.teardown(() => authority.close());
    const environment = { NODE_EXTRA_CA_CERTS: authority.authorityFile };
    const box = await Appliance.start({ environment });
    let stateDirectory = box.stateDirectory;
    t.teardown(() => box.close());
    const facts = async () => certificateBody.parse(await box.call('GET', '/api/v1/certificate'));
    const set = (acme: object) => box.call('PATCH', '/api/v1/settings', { https: { acme } });
    const acmeProblem = ({
      problems,
    }: {
      problems: readonly { code: string; action: string; message: string }[];
    }) => problems.find(({ code }) => code === 'acme-failed');

    await t.test('names that no authority vouches for are refused', async (t) => {
      for (const name of [
        'onair.local',
        'onair',
        '*.example.org',
        'a b.example',
        '10.0.0.1',
        'https://example.org',
      ])
        await t.rejects(set({ domain: name }), name);
    });

    const { directoryUrl } = authority;
    await t.test('an acme-dns server that is not there is told', async (t) => {
      await set({ domain, directoryUrl, dnsUrl: 'http://127.0.0.1:9' });
      const told = acmeProblem(await box.until((status) => acmeProblem(status) !== undefined, 60_000));
      t.match(told, {
        message: /camera\.example\.org.*127\.0\.0\.1:9 cannot be reached/,
        action: /acme-dns/,
      });
      t.equal((await facts()).acme?.record, null);
    });

    const dnsUrl = await authority.startDns();
    await t.test('a record that is missing is told, with what it has to be', async (t) => {
      await set({ dnsUrl });
      const told = acmeProblem(
        await box.until((status) => /CNAME/.test(acmeProblem(status)?.action ?? ''), 120_000),
      );
      const { acme, owner } = await facts();
      t.equal(owner, null);
      t.match(acme, { domain, record: { name: `_acme-challenge.${domain}`, type: 'CNAME' } });
      t.match(told?.action, acme?.record?.value);
      await authority.point(acme?.record?.name ?? '', acme?.record?.value ?? '');
    });

    await t.test('then the authority gives one', async (t) => {
      await set({ email: 'owner@example.org' }); // asks at once
      await box.until((status) => acmeProblem(status) === undefined, 120_000);
      const { owner, port } = await facts();
      t.strictSame(owner?.names, [domain]);
      t.match(await issuerShown(port ?? 0, domain), /Pebble/);
      t.match(await issuerShown(port ?? 0, 'onair.local'), /Onair box/, 'everybody else gets the own one');
    });

    await t.test('the keys are for the box alone, and in no answer', async (t) => {
      const [accounts, pair] = [
        join(stateDirectory, 'tls', 'acme.json'),
        join(stateDirectory, 'tls', 'acme.pem'),
      ];
      for (const path of [accounts, pair]) t.equal((await stat(path)).mode & 0o777, 0o600, path);
      const { dns } = JSON.parse(await readFile(accounts, 'utf8'));
      const told = JSON.stringify([
        await box.status(),
        await facts(),
        await box.call('GET', '/api/v1/settings'),
      ]);
      t.notOk(told.includes(dns.password));
      t.notOk((await box.logs()).includes(dns.password));
    });

    await t.test('and the next start has it, without the authority', async (t) => {
      await box.close({ keepState: true });
      await authority.close();
      const next = await Appliance.start({ stateDirectory, environment });
      t.teardown(() => next.close());
      stateDirectory = next.stateDirectory;
      const { owner, port } = certificateBody.parse(await next.call('GET', '/api/v1/certificate'));
      t.strictSame(owner?.names, [domain]);
      t.match(await issuerShown(port ?? 0, domain), /Pebble/);
      t.notOk(acmeProblem(await next.status()));
    });
  },
);
