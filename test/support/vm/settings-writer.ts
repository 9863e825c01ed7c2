import { createInterface } from 'node:readline';
import { callLink } from './guest-box.ts';
import type { Vm } from './vm.ts';

/** Changes settings in the guest as fast as it can, and remembers what was acknowledged. */
export class SettingsWriter {
  readonly #vm: Vm;
  #acknowledged = 0;
  #asked = 0;

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  get lastAcknowledged(): number {
    return this.#acknowledged;
  }

  /** Whether a box that has this number has lost nothing: the write under way at the cut may be there or not. */
  isKept(stored: number): boolean {
    return stored >= this.#acknowledged && stored <= this.#asked;
  }

  /** The number in the box's settings. */
  async stored(): Promise<number> {
    const settings = (await callLink(this.#vm.shell, 'GET', '/api/v1/settings')) as {
      broadcast: { description: string };
    };
    return Number(settings.broadcast.description.split(' ')[0] ?? 0);
  }

  /**
   * Writes ever higher numbers one after another; resolves `delayMs` after so many were acknowledged, while it goes on.
   * @returns how many were acknowledged
   */
  async writeUntil(count: number, delayMs: number): Promise<number> {
    const first = Math.max(this.#asked, this.#acknowledged) + 1;
    const child = this.#vm.shell.start('node --input-type=module -');
    child.stdin.end(writing.replace('FIRST', String(first)));
    child.on('error', () => {});
    child.stderr.resume();
    let acknowledged = 0;
    await new Promise<void>((resolve, reject) => {
      const bound = setTimeout(
        () => reject(new Error(`only ${acknowledged} writes were acknowledged`)),
        120_000,
      );
      child.once('close', () => reject(new Error(`the writer ended after ${acknowledged} writes`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const [word, number] = line.split(' ');
        if (word === 'ask') this.#asked = Number(number);
        if (word !== 'ok') return;
        this.#acknowledged = Number(number);
        acknowledged += 1;
        if (acknowledged !== count) return;
        clearTimeout(bound);
        setTimeout(resolve, delayMs);
      });
    });
    child.removeAllListeners('close');
    child.on('close', () => {});
    // Numbers may have been sent whose line is still on its way to us.
    this.#asked += 1_000;
    return acknowledged;
  }
}

const writing = `
import { request } from 'node:http';
const filler = 'x'.repeat(900);
for (let number = FIRST; ; number += 1) {
  console.log('ask ' + number);
  await new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: '/run/onair/control.sock', method: 'PATCH', path: '/api/v1/settings',
      headers: { 'content-type': 'application/json' } }, (response) => {
      response.resume();
      response.on('end', () => response.statusCode === 200 ? resolve() : reject(new Error(String(response.statusCode))));
    });
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify({ broadcast: { description: number + ' ' + filler } }));
  });
  console.log('ok ' + number);
}
`;
