import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { lancastChannel } from '#core/protocol/channels/lancast.ts';
import type { LancastError, Status } from '#core/protocol/lancast.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { Audience } from '../domain/audience.ts';
import type { Grant } from '../domain/grant.ts';
import type { Connection } from '../sockets/connection.ts';
import type { Dialect, DialectSession, Upgrade } from '../sockets/dialect.ts';
import type { LancastStream } from '../status/status.ts';

interface Principal {
  viewerId: string | null;
  grant: Grant;
}

/** Several viewers who come within this time are one message. */
const batchMs = 10;

interface Deps {
  audience: Audience;
  identity: ViewerIdentity;
  /** What is on air; null while nothing is. */
  stream: () => LancastStream | null;
  clock: Clock;
}

/** LANCast on `/ws` (lancast.md): status to everybody, and the audience's limit. */
export class Lancast implements Dialect<never, Principal> {
  readonly channel = lancastChannel;
  readonly #deps: Deps;
  /** What each was told last. */
  readonly #connections = new Map<Connection, string>();
  #batched = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async authorize({ request }: Upgrade): Promise<Principal> {
    const { id, grant } = await this.#deps.identity.admit(request);
    return { viewerId: id, grant };
  }

  open(connection: Connection, { viewerId, grant }: Principal): DialectSession<never> {
    connection.admittedBy(grant);
    const seat = this.#seat(connection, viewerId);
    if (seat) {
      const text = this.#encodeStatus();
      this.#connections.set(connection, text);
      connection.send(text);
    }
    return {
      receive: () => {},
      refuse: () => {}, // "No client-to-server messages", and an error is "sent when connection is rejected" only
      closed: () => {
        this.#connections.delete(connection);
        seat?.leave();
      },
    };
  }

  /** Something that a status shows has changed: everybody is told, once. */
  announce(): void {
    if (this.#batched) return;
    this.#batched = true;
    this.#deps.clock.after(batchMs, () => {
      this.#batched = false;
      const text = this.#encodeStatus();
      const encoded = Buffer.from(text);
      for (const [connection, last] of this.#connections) {
        if (last === text) continue;
        this.#connections.set(connection, text);
        connection.send(encoded);
      }
    });
  }

  /** "Connect": at the limit, the error and then the close. */
  #seat(connection: Connection, viewerId: string | null) {
    try {
      const seat = this.#deps.audience.enter(viewerId ?? connection.id, 'lancast', {
        address: connection.remoteAddress,
        displaced: () => refuseForRoom(connection),
      });
      this.#connections.set(connection, '');
      return seat;
    } catch (error) {
      if (!(error instanceof OnairError)) throw error;
      refuseForRoom(connection);
      return null;
    }
  }

  #encodeStatus(): string {
    const stream = this.#deps.stream();
    const message: Status = {
      type: 'status',
      data: {
        live: stream?.live ?? false,
        viewerCount: this.#deps.audience.viewers,
        ...(stream?.live
          ? {
              streamInfo: {
                resolution: stream.resolution,
                bitrate: stream.bitrateKbps,
                startTime: stream.startTime,
              },
            }
          : {}),
      },
    };
    return JSON.stringify(message);
  }
}

/** Also for who is in and has no pictures, where somebody else is to have the place. */
function refuseForRoom(connection: Connection): void {
  connection.send(encodeError('ROOM_FULL', 'Room full - maximum viewers reached'));
  connection.close(1013, 'ROOM_FULL');
}

function encodeError(code: LancastError['data']['code'], message: string): string {
  const encoded: LancastError = { type: 'error', data: { code, message } };
  return JSON.stringify(encoded);
}
