import type { Clock } from '#core/domain/clock.ts';
import type { ApiClient } from '#core/protocol/client.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { pagesOf } from '#operator/commands/pages.ts';
import { Improv } from './browsers/improv.ts';
import type { LineSurroundings } from './commands/context.ts';
import { commands } from './commands/table.ts';
import { FrameReader } from './line/frame-reader.ts';
import { LineWriter } from './line/writer.ts';
import { Person } from './people/person.ts';
import { JsonRpc } from './programs/json-rpc.ts';
import type { SerialLine } from './serial/serial-line.ts';

/** A header or a packet whose next byte does not come for this long is none. */
const halfFrameMs = 500;

export interface ConversationOptions {
  line: SerialLine;
  box: ApiClient<'operator'>;
  clock: Clock;
  logger: Logger;
}

/** All that is said on the line from when a host is there until it leaves: to a person, programs and browsers. */
export class Conversation {
  readonly #clock: Clock;
  readonly #reader: FrameReader;
  readonly #person: Person;
  readonly #programs: JsonRpc;
  readonly #browsers: Improv;
  #cancelExpiry: () => void = () => {};

  constructor({ line, box, clock, logger }: ConversationOptions) {
    this.#clock = clock;
    const writer = new LineWriter({ line });
    const context: LineSurroundings = { box, prefix: '', pagesOf, machine: null, remember: { ssids: [] } };
    const hangUp = (): void => line.hangUp?.();
    this.#person = new Person({ writer, commands, context, clock, logger, hangUp });
    this.#programs = new JsonRpc({ writer, commands, context, clock, logger });
    this.#browsers = new Improv({ writer, box, logger });
    this.#reader = new FrameReader({
      keys: (bytes) => this.#person.keys(bytes),
      json: (text) => this.#programs.line(text),
      jsonTooLong: () => this.#programs.tooLong(),
      packet: (packet) => this.#browsers.packet(packet),
      malformedPacket: () => this.#browsers.malformedPacket(),
    });
  }

  start(): void {
    this.#person.start();
  }

  received(bytes: Uint8Array): void {
    this.#cancelExpiry();
    this.#reader.feed(bytes);
    if (this.#reader.waiting)
      this.#cancelExpiry = this.#clock.after(halfFrameMs, () => this.#reader.expire());
  }

  close(): void {
    this.#cancelExpiry();
    this.#person.close();
    this.#programs.close();
    this.#browsers.close();
  }
}
