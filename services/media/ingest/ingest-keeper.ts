import { EventHub } from '#core/domain/event-hub.ts';
import type { IngestReport } from '#core/protocol/link/media.ts';
import { BackOff, wellAfterMs } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { NativeChild } from '../child-process.ts';
import type { IngestWish, WhipAnswer, WhipRequest } from './contract.ts';

const nothing = { port: null, reason: null, publisher: null, notice: null };
const silent: IngestReport = { rtmp: nothing, srt: nothing, whip: nothing };

/** Keeps the ingest's process running, and knows what it said last. */
export class IngestKeeper {
  readonly events = new EventHub<{
    report: IngestReport;
    whipAnswer: WhipAnswer;
    whipEnded: { session: string };
  }>();
  readonly #socketPath: string;
  readonly #logger: Logger;
  readonly #backOff = new BackOff({ firstMs: 250, maxMs: 5_000 });
  #wish: IngestWish | null = null;
  #child: NativeChild<'ingest'> | null = null;
  #report = silent;
  readonly #whipSessions = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor({ socketPath, logger }: { socketPath: string; logger: Logger }) {
    this.#socketPath = socketPath;
    this.#logger = logger;
  }

  get report(): IngestReport {
    return this.#report;
  }

  /** What is to be taken, and with which key. */
  configure(wish: IngestWish): void {
    this.#wish = wish;
    if (this.#child) this.#child.send({ type: 'configure', wish, socketPath: this.#socketPath });
    else if (this.#timer === null) this.#start();
  }

  /** A publisher by WHIP; an offer is answered by `whipAnswer`. */
  whip(request: WhipRequest): void {
    const { session } = request;
    if (request.act === 'offer') this.#whipSessions.add(session);
    if (this.#child) this.#child.send({ type: 'whip', request });
    else if (request.act === 'offer') this.events.emit('whipAnswer', { session, sdp: null, refusal: 'away' });
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#child?.close();
    this.events.close();
  }

  #start(): void {
    this.#timer = null;
    if (this.#closed || this.#wish === null) return;
    const child = new NativeChild('ingest', { logger: this.#logger });
    this.#child = child;
    const startedMs = performance.now();
    child.events.on('message', (message) => {
      if (message.type === 'report') this.#tell(message.report);
      else if (message.type === 'whip-answer') this.events.emit('whipAnswer', message.answer);
      else if (message.type === 'whip-ended') this.#endWhip(message.session);
      else if (message.type === 'note') this.#logger[message.level](message.details, message.text);
    });
    child.events.on('died', (how) => {
      this.#logger.warn({ how }, 'the ingest process ended, and is started again');
      this.#child = null;
      if (performance.now() - startedMs > wellAfterMs) this.#backOff.reset();
      this.#timer = setTimeout(() => this.#start(), this.#backOff.next());
      for (const session of this.#whipSessions) this.#endWhip(session);
      this.#tell(silent);
    });
    child.start();
    child.send({ type: 'configure', wish: this.#wish, socketPath: this.#socketPath });
  }

  #endWhip(session: string): void {
    this.#whipSessions.delete(session);
    this.events.emit('whipEnded', { session });
  }

  #tell(report: IngestReport): void {
    this.#report = report;
    this.events.emit('report', report);
  }
}
