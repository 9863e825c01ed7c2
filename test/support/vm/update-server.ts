import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { UpdateBody } from '#core/protocol/endpoints/update.ts';
import { checkout } from '../command.ts';
import { callLink } from './guest-box.ts';
import type { Vm } from './vm.ts';

const execute = promisify(execFile);
/** This machine, as QEMU's own network calls it. */
const host = '10.0.2.2';
const lookEveryMs = 500;

/** The updates of image/vm/update, as a web server has them; `torn` is one that ends in its middle. */
export type UpdateName = 'whole' | 'good' | 'panics' | 'hangs' | 'crashes' | 'blind' | 'stranger' | 'torn';

/** Serves updates to the guest, has it install them, and waits for what it says. */
export class UpdateServer {
  readonly #vm: Vm;
  readonly #folder: string;
  readonly #server: Server;

  private constructor(vm: Vm, folder: string, server: Server) {
    this.#vm = vm;
    this.#folder = folder;
    this.#server = server;
  }

  static async start(vm: Vm): Promise<UpdateServer> {
    const { stdout } = await execute(join(checkout, 'image/vm/update'), [vm.filesFolder], {
      cwd: checkout,
      timeout: 600_000,
    });
    const folder = stdout.trim();
    const server = createServer(async ({ url }, response) => {
      const name = (url ?? '').slice(1) as UpdateName;
      const bytes = await readFile(join(folder, `${name === 'torn' ? 'crashes' : name}.raucb`));
      response.end(name === 'torn' ? bytes.subarray(0, bytes.length / 2) : bytes);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new UpdateServer(vm, folder, server);
  }

  async bytes(name: UpdateName): Promise<number> {
    return (await stat(join(this.#folder, `${name}.raucb`))).size;
  }

  /** Asks for it as somebody in the guest's shell does. */
  async install(name: UpdateName): Promise<void> {
    const { port } = this.#server.address() as AddressInfo;
    await this.#vm.shell.run(`onair update http://${host}:${port}/${name}`);
  }

  async state(): Promise<UpdateBody> {
    return (await callLink(this.#vm.shell, 'GET', '/api/v1/update')) as UpdateBody;
  }

  /** Resolves with the first state that is wanted. @throws Error after `withinMs`, with the latest */
  async until(wanted: (body: UpdateBody) => boolean, withinMs: number): Promise<UpdateBody> {
    const deadlineMs = Date.now() + this.#vm.shell.within(withinMs);
    let latest: unknown = null;
    while (Date.now() < deadlineMs) {
      const body = await this.state().catch((error: Error) => ({ error: error.message }));
      latest = body;
      if ('state' in body && wanted(body)) return body;
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
    throw new Error(`the update came to ${JSON.stringify(latest)}`);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
