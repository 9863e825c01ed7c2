import { freePort, hasProgram, ServerProgram } from './server-program.ts';

/** Whether Debian's redis-server is on this machine. */
export const hasRedis = (): boolean => hasProgram('redis-server');

/** A Redis of the test's own, on loopback, that keeps nothing. */
export class TestRedis {
  readonly url: string;
  readonly #server: ServerProgram;

  private constructor(url: string, server: ServerProgram) {
    this.url = url;
    this.#server = server;
  }

  static async start(port?: number): Promise<TestRedis> {
    const chosen = port ?? (await freePort());
    const server = await ServerProgram.start(
      'redis-server',
      (folder) =>
        [
          ['--port', String(chosen), '--bind', '127.0.0.1', '--dir', folder],
          ['--save', '', '--appendonly', 'no'],
        ].flat(),
      /ready to accept connections/i,
    );
    return new TestRedis(`redis://127.0.0.1:${chosen}`, server);
  }

  async close(): Promise<void> {
    await this.#server.close();
  }
}
