import { z } from 'zod';
import type { Connection } from '#control/sockets/connection.ts';
import type { Dialect, DialectSession, Upgrade } from '#control/sockets/dialect.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { Channel, ChannelLimits } from '#core/protocol/channel.ts';

const incoming = z.strictObject({ say: z.string(), id: z.string().optional() });
type Incoming = z.infer<typeof incoming>;

/** The smallest dialect: it echoes, refuses in one line, and writes down what happens. */
export class TinyDialect implements Dialect<Incoming, string> {
  readonly channel: Channel<Incoming>;
  readonly connections: Connection[] = [];
  readonly happened: string[] = [];

  constructor(limits: Partial<ChannelLimits> = {}) {
    const merged: ChannelLimits = {
      maxMessageBytes: 1_000,
      messagesPerSecond: 10,
      burstMessages: 20,
      backlogMessages: 5,
      heartbeat: { pingEveryMs: 10_000, timeoutMs: 30_000 },
      ...limits,
    };
    const described = { title: 'Tiny', summary: '', admission: '', closeCodes: {}, outgoing: z.never() };
    this.channel = { ...described, name: 'tiny', path: '/tiny/:room', limits: merged, incoming };
  }

  async authorize({ url, params }: Upgrade): Promise<string> {
    if (url.searchParams.get('token') === 'wrong')
      throw new OnairError('unauthorized', 'Wrong token.', { action: 'Get another.' });
    return params.room ?? '';
  }

  open(connection: Connection, room: string): DialectSession<Incoming> {
    if (room === 'broken') throw new Error('secret detail');
    this.connections.push(connection);
    this.happened.push(`open ${room}`);
    return {
      receive: ({ say }) => {
        if (say === 'throw') throw new Error('secret detail');
        if (say === 'conflict') throw new OnairError('conflict', 'Not now.');
        connection.send(`heard ${say}`);
      },
      refuse: (error, raw) => {
        const id = raw instanceof Object && 'id' in raw ? ` ${raw.id}` : '';
        connection.send(`refused${id}: ${error.code} ${error.message}`);
      },
      caughtUp: (dropped) => connection.send(`caught up, ${dropped} lost`),
      closed: () => void this.happened.push(`closed ${room}`),
    };
  }
}
