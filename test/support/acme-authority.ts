import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { freePort, ServerProgram } from './server-program.ts';

/**
 * Pebble, Let's Encrypt's authority for tests, with the name server that comes with it; and an acme-dns server of our own in
 * front of that, which is not in Debian: registration and update as its documentation has them.
 */
export class AcmeAuthority {
  readonly directoryUrl: string;
  /** Of Pebble's own HTTPS; for NODE_EXTRA_CA_CERTS. */
  readonly authorityFile: string;
  readonly #folder: string;
  readonly #programs: ServerProgram[];
  readonly #namesPort: number;
  readonly #accounts = new Map<string, { username: string; password: string; fulldomain: string }>();
  #dns: Server | null = null;

  private constructor(options: {
    folder: string;
    port: number;
    namesPort: number;
    authorityFile: string;
    programs: ServerProgram[];
  }) {
    this.#folder = options.folder;
    this.directoryUrl = `https://localhost:${options.port}/dir`;
    this.authorityFile = options.authorityFile;
    this.#programs = options.programs;
    this.#namesPort = options.namesPort;
  }

  static async start(): Promise<AcmeAuthority> {
    const folder = mkdtempSync(join(tmpdir(), 'onair-acme-'));
    const [key, authorityFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-nodes',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-keyout',
          key,
        ],
        ...[
          '-out',
          authorityFile,
          '-days',
          '2',
          '-subj',
          '/CN=localhost',
          '-addext',
          'subjectAltName=DNS:localhost',
        ],
      ],
      { stdio: 'ignore' },
    );
    const [port, managementPort, dnsPort, namesPort] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const names = await ServerProgram.start(
      'sh',
      () => [
        '-c',
        'exec pebble-challtestsrv -http01 "" -https01 "" -tlsalpn01 "" -defaultIPv6 "" -dns01 "$0" -management "$1" 2>&1',
        `127.0.0.1:${dnsPort}`,
        `127.0.0.1:${namesPort}`,
      ],
      /management server/i,
    );
    const configuration = join(folder, 'pebble.json');
    writeFileSync(
      configuration,
      JSON.stringify({
        pebble: {
          listenAddress: `127.0.0.1:${port}`,
          managementListenAddress: `127.0.0.1:${managementPort}`,
          certificate: authorityFile,
          privateKey: key,
          httpPort: 5002,
          tlsPort: 5001,
          ocspResponderURL: '',
          externalAccountBindingRequired: false,
        },
      }),
    );
    const pebble = await ServerProgram.start(
      'sh',
      () => [
        '-c',
        'PEBBLE_VA_NOSLEEP=1 exec pebble -config "$0" -dnsserver "$1" 2>&1',
        configuration,
        `127.0.0.1:${dnsPort}`,
      ],
      /ACME directory available/i,
    );
    return new AcmeAuthority({ folder, port, namesPort, authorityFile, programs: [names, pebble] });
  }

  /** @returns where the acme-dns server is */
  async startDns(): Promise<string> {
    const server = createServer(async (request, response) => {
      const reply = (status: number, body: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (request.method === 'POST' && request.url === '/register') {
        const subdomain = randomUUID();
        const account = {
          username: randomUUID(),
          password: randomUUID(),
          fulldomain: `${subdomain}.auth.example`,
        };
        this.#accounts.set(subdomain, account);
        return reply(201, { ...account, subdomain, allowfrom: [] });
      }
      const { subdomain, txt } = (await json(request)) as { subdomain: string; txt: string };
      const account = this.#accounts.get(subdomain);
      const { 'x-api-user': user, 'x-api-key': key } = request.headers;
      if (request.url !== '/update' || account?.username !== user || account?.password !== key)
        return reply(401, { error: 'forbidden' });
      await this.#tellNames('set-txt', { host: `${account?.fulldomain}.`, value: txt });
      return reply(200, { txt });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#dns = server;
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  /** What the owner does at their provider. */
  async point(name: string, target: string): Promise<void> {
    await this.#tellNames('set-cname', { host: `${name}.`, target: `${target}.` });
  }

  async close(): Promise<void> {
    this.#dns?.close();
    await Promise.all(this.#programs.map((program) => program.close()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #tellNames(what: string, body: object): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${this.#namesPort}/${what}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`the name server answered ${answer.status}`);
  }
}
