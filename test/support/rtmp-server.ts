import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './server-program.ts';

/**
 * nginx with its RTMP module, which records each stream that is published to application `live` under the one key
 * that it takes, into a file of its own.
 */
export class RtmpServer {
  readonly port: number;
  readonly #folder: string;
  readonly #config: string;
  #child: ChildProcess | null = null;

  private constructor(folder: string, port: number, config: string) {
    this.#folder = folder;
    this.port = port;
    this.#config = config;
  }

  static async start(key: string): Promise<RtmpServer> {
    const folder = await mkdtemp(join(tmpdir(), 'onair-nginx-'));
    await chmod(folder, 0o777); // its workers are another user
    await mkdir(join(folder, 'recorded'), { mode: 0o777 });
    await chmod(join(folder, 'recorded'), 0o777);
    const [port, httpPort] = [await freePort(), await freePort()];
    const config = join(folder, 'nginx.conf');
    await writeFile(
      config,
      `load_module modules/ngx_rtmp_module.so;
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/log info;
events {}
rtmp { access_log off; server { listen 127.0.0.1:${port}; ping 5s; ping_timeout 5s; application live {
  live on; record all; record_path ${folder}/recorded; record_unique on;
  notify_method get; on_publish http://127.0.0.1:${httpPort}/publish; } } }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi; server { listen 127.0.0.1:${httpPort};
  location /publish { if ($arg_name = "${key}") { return 200; } return 403; } } }
`,
    );
    const server = new RtmpServer(folder, port, config);
    await server.run();
    return server;
  }

  /** Again, after `kill`. */
  async run(): Promise<void> {
    const child = spawn('nginx', ['-c', this.#config, '-p', '/usr/share/nginx/'], { stdio: 'ignore' });
    this.#child = child;
    while (!(await this.#listens())) {
      if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}\n${await this.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async log(): Promise<string> {
    return await readFile(join(this.#folder, 'log'), 'utf8').catch(() => '');
  }

  /** How often somebody published, the wrong key included. */
  async publishes(): Promise<number> {
    return [...(await this.log()).matchAll(/ publish: name=/g)].length;
  }

  /** What was recorded, in the order in which it began. */
  async recordings(): Promise<string[]> {
    const names = await readdir(join(this.#folder, 'recorded'));
    const number = (name: string): number => Number(/-(\d+)\.flv$/.exec(name)?.[1] ?? 0);
    return names
      .sort((one, other) => number(one) - number(other))
      .map((name) => join(this.#folder, 'recorded', name));
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #listens(): Promise<boolean> {
    return await new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }
}
