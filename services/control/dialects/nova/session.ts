import type { Seat } from '#control/domain/audience.ts';
import type { Clock } from '#core/domain/clock.ts';
import type { OnairError } from '#core/domain/errors.ts';
import type { ClientToServer, ServerToClient } from '#core/protocol/nova.ts';
import type { Connection } from '../../sockets/connection.ts';
import type { DialectSession } from '../../sockets/dialect.ts';
import { type NovaErrorBody, novaErrorBody, novaErrorOf } from './errors.ts';
import { Heartbeat, type PingStatistics } from './heartbeat.ts';
import { encode, isoTime } from './messages.ts';

/** "Server closes connection with code 1003 (unsupported data)" */
const unsupportedData = 1003;
/** "Timeout": nobody is there. */
const goingAway = 1001;

export type ReportIssue = Extract<ClientToServer, { event: 'report_issue' }>['data'];

/** What a session asks of the dialect. */
export interface SessionHost {
  streamInfo(requestId: string): ServerToClient;
  /** @throws OnairError `rate-limited` */
  report(issue: ReportIssue): void;
  left(): void;
}

interface Deps {
  connection: Connection;
  seat: Seat;
  host: SessionHost;
  statistics: PingStatistics;
  clock: Clock;
}

/** One viewer's connection. */
export class NovaSession implements DialectSession<ClientToServer> {
  readonly #deps: Deps;
  readonly #heartbeat: Heartbeat;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#heartbeat = new Heartbeat({
      clock: deps.clock,
      statistics: deps.statistics,
      send: (sequence) =>
        this.say({ event: 'ping', data: { sequence, timestamp: isoTime(this.#deps.clock.nowMs()) } }),
      onIdle: () => {
        this.#deps.connection.close(goingAway, 'no pong for 60 seconds');
        this.closed(); // a peer that has gone never answers the close: its place is free at once
      },
    });
  }

  say(message: ServerToClient): void {
    this.#deps.connection.send(encode(message));
  }

  sayError(body: NovaErrorBody): void {
    this.say({ event: 'error', data: { ...body, timestamp: isoTime(this.#deps.clock.nowMs()) } });
  }

  receive(message: ClientToServer): void {
    if (message.event === 'pong') this.#heartbeat.pong(message.data.sequence);
    else if (message.event === 'get_stream_info')
      this.say(this.#deps.host.streamInfo(message.data.request_id));
    else this.#deps.host.report(message.data);
  }

  refuse(error: OnairError, raw: unknown): void {
    const body = novaErrorOf(error);
    const request_id = requestIdOf(raw);
    this.sayError({ ...body, ...(request_id === undefined ? {} : { request_id }) });
    if (body.error_code === 'PROTOCOL_ERROR')
      this.#deps.connection.close(unsupportedData, 'unsupported data');
  }

  caughtUp(dropped: number): void {
    const what = dropped === 1 ? 'One message was' : `${dropped} messages were`;
    this.sayError(
      novaErrorBody('BUFFER_OVERFLOW', {
        error_message: `${what} dropped, since this client did not read them in time.`,
      }),
    );
  }

  closed(): void {
    this.#heartbeat.close();
    this.#deps.host.left();
    this.#deps.seat.leave();
  }
}

/** Of a `get_stream_info` that was refused: its answer names it. */
function requestIdOf(raw: unknown): string | undefined {
  const data = raw instanceof Object && 'data' in raw ? raw.data : undefined;
  const id = data instanceof Object && 'request_id' in data ? data.request_id : undefined;
  return typeof id === 'string' ? id : undefined;
}
