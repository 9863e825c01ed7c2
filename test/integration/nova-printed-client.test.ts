import { randomUUID } from 'node:crypto';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { NovaBox, streamId } from '../support/nova-box.ts';
import { printedNovaClient, printedNovaConnection } from '../support/printed-client.ts';

// nova.md, "Client Implementation Example" and "Example Connection", unchanged but for the address, run here with
// ws's WebSocket, which is a browser's. In Chromium: nova-browser-client.test.ts.

interface Viewer {
  ws: WebSocket;
  connect(): void;
  disconnect(): void;
  send(message: unknown): void;
  on(event: string, callback: (data: Record<string, unknown>) => void): void;
}

/** What a page of its own would have: `setInterval` runs only when the test calls `tick`. */
async function runPrinted(t: Test, box: NovaBox) {
  const lines: string[] = [];
  const news: (() => void)[] = [];
  const intervals: { callback: () => void; ms: number }[] = [];
  const log = (...words: unknown[]): void => {
    lines.push(words.join(' '));
    for (const wake of news.splice(0)) wake();
  };
  const run = new Function(
    'WebSocket',
    'console',
    'streamId',
    'token',
    'setInterval',
    'clearInterval',
    `${printedNovaClient(`ws://127.0.0.1:${box.port}`)}\nreturn viewer;`,
  );
  const viewer = run(
    WebSocket,
    { log, error: log },
    streamId,
    await box.token(),
    (callback: () => void, ms: number) => intervals.push({ callback, ms }),
    () => intervals.splice(0),
  ) as Viewer;
  t.teardown(() => viewer.disconnect());
  const said = async (start: string): Promise<string> => {
    for (;;) {
      const line = lines.find((each) => each.startsWith(start));
      if (line !== undefined) return line;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`never said ${start}: ${lines.join('; ')}`)), 5_000);
        news.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  };
  return { viewer, lines, said, intervals };
}

t.test('the printed NovaStreamViewer works as it stands', async (t) => {
  const box = await NovaBox.start();
  t.teardown(() => box.close());
  const { viewer, lines, said, intervals } = await runPrinted(t, box);
  t.match(await said('Connected as viewer:'), /: [0-9a-f-]{36}$/);
  t.ok(lines.includes('Connected to stream'));
  box.clock.advance(50);
  t.equal(await said('Viewers:'), 'Viewers: 1');

  await t.test('its pongs, which answer no ping, keep it connected', async (t) => {
    t.same(
      intervals.map(({ ms }) => ms),
      [30_000],
    );
    for (let round = 0; round < 5; round += 1) {
      box.clock.advance(30_000);
      intervals[0]?.callback();
      const answered = new Promise((resolve) => viewer.on('stream_info', resolve));
      viewer.send({ event: 'get_stream_info', data: { request_id: `round-${round}` } });
      t.match(await answered, { request_id: `round-${round}` });
    }
    t.equal(viewer.ws.readyState, WebSocket.OPEN);
  });

  await t.test('it hears of the end, and closing is left to it', async (t) => {
    box.goLive();
    box.liveFor(42_000);
    box.stop();
    t.equal(await said('Stream ended after'), 'Stream ended after 42 seconds');
    t.equal(viewer.ws.readyState, WebSocket.OPEN);
    viewer.disconnect();
    await said('Disconnected from stream');
    await box.viewers(0);
  });
});

t.test('the printed connection works as it stands', async (t) => {
  const box = await NovaBox.start();
  t.teardown(() => box.close());
  const code = printedNovaConnection(`ws://127.0.0.1:${box.port}`, streamId, await box.token(randomUUID()));
  const first = await new Promise<{ event: string }>((resolve, reject) => {
    const ws = new Function('WebSocket', 'console', 'handleMessage', `${code}\nreturn ws;`)(
      WebSocket,
      { log: () => {}, error: reject },
      (message: { event: string }) => resolve(message),
    ) as WebSocket;
    t.teardown(() => ws.close());
  });
  t.equal(first.event, 'connection_established');
});
