import t from 'tap';
import { EventHub } from '#core/domain/event-hub.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { Destination, type OutputSettings } from '#outputs/destination.ts';
import type { Sender, SenderEvents } from '#outputs/sender.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const settings: OutputSettings = {
  ...{ id: 'one', kind: 'rtmp', url: 'rtmp://a.example/live', key: 'KEY' },
  ...{ extra: null, startedTicks: 0 },
};

class FakeSender implements Sender {
  readonly events = new EventHub<SenderEvents>();
  closed = false;
  start(): void {}
  close(): void {
    this.closed = true;
  }
  fail(stage: 'connect' | 'stream', message: string): void {
    this.events.emit('failed', { stage, afterMs: 10, domain: 'test', code: 0, message, details: '' });
  }
  take(bytesSent: number, droppedFrames = 0): void {
    this.events.emit('stats', { bytesSent, behindMs: 0, droppedFrames });
  }
}

function open() {
  const clock = new DrivenClock();
  const senders: FakeSender[] = [];
  const destination = new Destination({
    settings,
    makeSender: () => {
      const sender = new FakeSender();
      senders.push(sender);
      return sender;
    },
    onChange: () => {},
    clock,
    logger: createLogger('outputs', 'silent'),
  });
  destination.start();
  const newest = (): FakeSender => senders.at(-1) ?? new FakeSender();
  return { clock, senders, destination, newest };
}

t.test('who can not be reached is tried every 2 s, endlessly', async (t) => {
  const { clock, senders, destination, newest } = open();
  t.match(destination.report, { state: 'connecting', reason: null });
  for (let tries = 1; tries <= 50; tries += 1) {
    newest().fail('connect', 'Connection refused');
    t.match(destination.report, { state: 'retrying', reason: { code: 'nobody-listens' } });
    clock.advance(1_999);
    t.equal(senders.length, tries);
    clock.advance(1);
    t.equal(senders.length, tries + 1);
  }
  clock.advance(5_000);
  newest().fail('connect', 'no answer');
  clock.advance(0);
  t.equal(senders.length, 52, 'a try that took longer than that is followed at once');
});

t.test('who answers and refuses is tried less and less often, up to every 30 s', async (t) => {
  const { clock, senders, destination, newest } = open();
  for (const seconds of [2, 4, 8, 16, 30, 30, 30]) {
    newest().fail('connect', "'publish' cmd failed: connection closed remotely");
    t.match(destination.report, { state: 'failed', reason: { code: 'key-refused' } });
    const before = senders.length;
    clock.advance(seconds * 1_000 - 1);
    t.equal(senders.length, before);
    clock.advance(1);
    t.equal(senders.length, before + 1, `after ${seconds} s`);
  }
});

t.test('who took the stream and refuses it now may still hold the connection before', async (t) => {
  const { clock, senders, destination, newest } = open();
  newest().events.emit('connected');
  newest().take(1_000);
  clock.advance(10_000);
  newest().fail('stream', 'Connection timed out');
  clock.advance(0);
  for (let tries = 1; tries <= 5; tries += 1) {
    newest().fail('connect', "'publish' cmd failed: NetStream.Publish.BadName");
    t.match(destination.report, { state: 'retrying', reason: { code: 'still-connected' } });
    const before = senders.length;
    clock.advance(2_000);
    t.equal(senders.length, before + 1, 'every 2 s');
  }
});

t.test('figures go on over connections; a slow line is told', async (t) => {
  const { clock, destination, newest } = open();
  newest().events.emit('connected');
  t.match(destination.report, { state: 'live', reconnects: 0 });
  newest().take(100_000);
  newest().take(225_000, 3);
  t.match(destination.report, {
    bytesSent: 225_000,
    bitrateKbps: 1_000,
    droppedFrames: 3,
    reason: { code: 'line-too-slow', message: /3 pictures/ },
  });
  clock.advance(11_000);
  newest().take(350_000, 3);
  t.match(destination.report, { state: 'live', reason: null });
  newest().fail('stream', 'Connection reset by peer');
  t.match(destination.report, { state: 'retrying', reason: { code: 'connection-lost' }, bitrateKbps: null });
  clock.advance(0);
  newest().events.emit('connected');
  newest().take(1_000);
  t.match(destination.report, { state: 'live', bytesSent: 351_000, reconnects: 1, droppedFrames: 3 });
});

t.test('who is cut off as soon as let in was refused', async (t) => {
  const { destination, newest } = open();
  newest().events.emit('connected');
  newest().fail('stream', 'Connection closed remotely');
  t.match(destination.report, { state: 'failed', reason: { code: 'cut-off' } });
});

t.test('closed, it tries no more', async (t) => {
  const { clock, senders, destination, newest } = open();
  const sender = newest();
  destination.close();
  destination.close();
  t.ok(sender.closed);
  clock.advance(60_000);
  t.equal(senders.length, 1);
});
