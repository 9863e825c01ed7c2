import t from 'tap';
import { commands } from '#console/commands/table.ts';
import { LineWriter } from '#console/line/writer.ts';
import { JsonRpc } from '#console/programs/json-rpc.ts';
import { ApiClient } from '#core/protocol/client.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { keepingLogger } from '#test/support/link-pair.ts';

t.test('an answer that has no room on the line is told in a few words, in its place', async (t) => {
  const heard: { id: unknown; error: { message: string } }[] = [];
  let said = (): void => {};
  const line = {
    pendingBytes: 0,
    start: async () => {},
    close: async () => {},
    write: (bytes: Uint8Array) => {
      if (bytes.length > 300) return false;
      heard.push(JSON.parse(Buffer.from(bytes).toString()));
      said();
      return true;
    },
  };
  const programs = new JsonRpc({
    writer: new LineWriter({ line }),
    commands,
    context: {
      box: new ApiClient<'operator'>(linkTransport('/nowhere')),
      remember: { ssids: [] },
      prefix: '',
      pagesOf: () => [],
      machine: null,
    },
    clock: new DrivenClock(),
    logger: keepingLogger().logger,
  });
  const request = { jsonrpc: '2.0', id: 7, method: 'help' };
  for (const [asked, id] of [
    [request, 7],
    [[request, { ...request, id: 8 }], null],
  ] as const) {
    const answered = new Promise<void>((resolve) => {
      said = resolve;
    });
    programs.line(JSON.stringify(asked));
    await answered;
    t.match(heard.pop(), { id, error: { message: 'The answer has no room on the line.' } });
  }
});
