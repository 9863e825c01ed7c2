import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Problem } from '#core/domain/problem.ts';
import { onLines } from '#core/runtime/lines.ts';
import { signalChild } from '#core/runtime/signal-child.ts';
import { reasonOf } from '../../reasons.ts';
import { type Publication, type Publisher, replaceableAfterMs } from '../publication.ts';
import { publisherSilentMs } from '../publisher-silence.ts';

interface ListenerOptions {
  publication: Publication;
  port: number;
  key: string;
  note: (text: string, details: Record<string, string | number>) => void;
}

const restartMs = 100;
const retryMs = 5_000;

/** SRT for publishers: a program for each (listen.c), one after the other. */
export class SrtListener {
  readonly #options: ListenerOptions;
  #port: number;
  #child: ChildProcess | null = null;
  #publisher: Publisher | null = null;
  #silence: NodeJS.Timeout | null = null;
  #heardMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  async start(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort();
    if (!this.#closed) this.#run();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#end();
  }

  #run(): void {
    const program = fileURLToPath(new URL('./media-srt', import.meta.url));
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] });
    this.#child = child;
    let failure: string | null = null;
    child.on('error', (error) => {
      failure = error.message;
      this.#over(child, failure);
    });
    child.on('exit', () => this.#over(child, failure));
    child.stdin?.on('error', () => {}); // it ended: 'exit' says so
    child.stdin?.write(`port ${this.#port}\nkey ${this.#options.key}\nstart\n`);
    child.stdout?.on('data', (bytes: Buffer) => this.#take(bytes));
    onLines(child.stdio[3] as Readable, (line) => {
      const [word, ...fields] = line.split('\t');
      if (this.#child !== child) return;
      if (word === 'failed') failure = fields[0] ?? 'it failed';
      else this.#receive(word ?? '', fields);
    });
  }

  #receive(word: string, [first = '', second = '']: string[]): void {
    const { publication, note } = this.#options;
    if (word === 'listening') publication.setListening(this.#port, null);
    else if (word === 'caller') this.#welcome(first);
    else if (word === 'refused') {
      const reason = publication.turnAway(first === 'key' ? 'publisher-key' : 'publisher-second', second);
      note(reason.message, { address: second });
      // One that was killed said no goodbye: who calls again finds the line free.
      if (first === 'second' && performance.now() - this.#heardMs > replaceableAfterMs) this.#restart();
    }
  }

  #welcome(address: string): void {
    const { publication, note } = this.#options;
    this.#publisher = { address, end: (reason) => this.#drop(reason) };
    if (publication.admit(this.#publisher, { form: 'bytes' }) !== null) {
      this.#restart();
      return;
    }
    note('a publisher joined', { address });
    this.#watch();
  }

  #take(bytes: Buffer): void {
    if (this.#publisher === null) return;
    this.#watch();
    this.#options.publication.bytes(bytes);
  }

  #watch(): void {
    this.#heardMs = performance.now();
    if (this.#silence) clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      const address = this.#publisher?.address ?? '';
      this.#drop(this.#options.publication.turnAway('publisher-silent', address));
    }, publisherSilentMs);
  }

  #drop(reason: Problem): void {
    this.#options.note(reason.message, {});
    this.#restart();
  }

  #restart(): void {
    this.#end();
    if (!this.#closed) this.#timer = setTimeout(() => this.#run(), restartMs);
  }

  #end(): void {
    const child = this.#child;
    this.#child = null;
    if (this.#silence) clearTimeout(this.#silence);
    if (child) signalChild(child, 'SIGKILL'); // nothing in it is to be kept
    const publisher = this.#publisher;
    this.#publisher = null;
    if (publisher) {
      this.#options.note('a publisher left', { address: publisher.address });
      this.#options.publication.leave(publisher);
    }
  }

  #over(child: ChildProcess, failure: string | null): void {
    if (this.#child !== child) return;
    this.#end();
    if (failure !== null)
      this.#options.publication.setListening(null, reasonOf('srt-port', `${this.#port}: ${failure}`));
    if (!this.#closed) this.#timer = setTimeout(() => this.#run(), failure === null ? restartMs : retryMs);
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
