import { createInterface } from 'node:readline';
import { callLink } from './guest-box.ts';
import type { Vm } from './vm.ts';

/** What one run of writing met and did. */
export interface Written {
  /** The number that was there before. */
  found: number;
  /** Whether that is all that was acknowledged until then. */
  kept: boolean;
  /** How many writes were acknowledged. */
  acknowledged: number;
}

function numberOf(settings: unknown): number {
  const { broadcast } = settings as { broadcast: { description: string } };
  return Number(broadcast.description.split(' ')[0] ?? 0);
}

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
    return numberOf(await callLink(this.#vm.shell, 'GET', '/api/v1/settings'));
  }

  /**
   * Reads the number and writes ever higher ones, one after another; resolves `delayMs` after so many were acknowledged,
   * while it goes on.
   */
  async writeUntil(count: number, delayMs: number): Promise<Written> {
    const first = Math.max(this.#asked, this.#acknowledged) + 1;
    const child = this.#vm.shell.start('node --input-type=module -');
    child.stdin.end(writing.replace('FIRST', String(first)));
    child.on('error', () => {});
    child.stderr.resume();
    const written: Written = { found: Number.NaN, kept: false, acknowledged: 0 };
    await new Promise<void>((resolve, reject) => {
      const soFar = (): string => `after ${written.acknowledged} writes`;
      const fail = (): void => reject(new Error(`no more were acknowledged ${soFar()}`));
      const bound = setTimeout(fail, this.#vm.shell.within(120_000));
      child.once('close', () => reject(new Error(`the writer ended ${soFar()}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const [word, value = ''] = line.split(/ (.*)/s);
        if (word === 'found') {
          written.found = numberOf(JSON.parse(value));
          written.kept = this.isKept(written.found);
        }
        if (word === 'ask') this.#asked = Number(value);
        if (word !== 'ok') return;
        this.#acknowledged = Number(value);
        written.acknowledged += 1;
        if (written.acknowledged !== count) return;
        clearTimeout(bound);
        setTimeout(resolve, delayMs);
      });
    });
    child.removeAllListeners('close');
    child.on('close', () => {});
    // Numbers may have been sent whose line is still on its way to us.
    this.#asked += 1_000;
    return written;
  }
}

const writing = `
import { request } from 'node:http';
const filler = 'x'.repeat(900);
const call = (method, body) => new Promise((resolve, reject) => {
  const outgoing = request({ socketPath: '/run/onair/control.sock', method, path: '/api/v1/settings',
    headers: { 'content-type': 'application/json' } }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => { text += part; })
      .on('end', () => response.statusCode === 200 ? resolve(text) : reject(new Error(response.statusCode + text)));
  });
  outgoing.on('error', reject);
  outgoing.end(body && JSON.stringify(body));
});
console.log('found ' + JSON.stringify(JSON.parse(await call('GET'))));
for (let number = FIRST; ; number += 1) {
  console.log('ask ' + number);
  await call('PATCH', { broadcast: { description: number + ' ' + filler } });
  console.log('ok ' + number);
}
`;
