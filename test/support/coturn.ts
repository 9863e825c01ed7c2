import { freePort, hasProgram, ServerProgram } from './server-program.ts';

/** Whether Debian's coturn is on this machine. */
export const hasCoturn = (): boolean => hasProgram('turnserver');

/** A TURN server of the test's own, on loopback, with credentials by a shared secret as an operator sets it up. */
export class Coturn {
  /** "turn:127.0.0.1:PORT?transport=udp" */
  readonly url: string;
  readonly #server: ServerProgram;

  private constructor(url: string, server: ServerProgram) {
    this.url = url;
    this.#server = server;
  }

  static async start(secret: string): Promise<Coturn> {
    const port = await freePort();
    const server = await ServerProgram.start(
      'turnserver',
      (folder) =>
        [
          ['-n', '--no-cli', '--no-tls', '--no-dtls', '--verbose'],
          ['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', String(port)],
          ['--allow-loopback-peers', '--realm', 'onair.test'],
          ['--use-auth-secret', '--static-auth-secret', secret],
          ['--pidfile', `${folder}/pid`, '--userdb', `${folder}/turndb`],
          ['--log-file', 'stdout', '--simple-log'],
        ].flat(),
      /IPv4\. UDP listener opened on/,
    );
    return new Coturn(`turn:127.0.0.1:${port}?transport=udp`, server);
  }

  /** Its log, once it says so; rejects where it ends before. */
  async said(what: RegExp): Promise<string> {
    return await this.#server.said(what);
  }

  async close(): Promise<void> {
    await this.#server.close();
  }
}
