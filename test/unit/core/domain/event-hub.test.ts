import t from 'tap';
import { EventHub } from '#core/domain/event-hub.ts';
import { BackOff } from '#core/runtime/back-off.ts';

type Events = { counted: number; named: string };

t.test('listeners hear events of their name, in order, until they end it', (t) => {
  const hub = new EventHub<Events>();
  const heard: string[] = [];
  const end = hub.on('counted', (count) => heard.push(`first ${count}`));
  hub.on('counted', (count) => heard.push(`second ${count}`));
  hub.emit('named', 'nobody listens');
  hub.emit('counted', 1);
  end();
  end();
  hub.emit('counted', 2);
  t.same(heard, ['first 1', 'second 1', 'second 2']);
  t.end();
});

t.test('one function may listen twice, and end one of the two', (t) => {
  const hub = new EventHub<Events>();
  let calls = 0;
  const listener = (): void => {
    calls += 1;
  };
  const end = hub.on('counted', listener);
  hub.on('counted', listener);
  hub.emit('counted', 1);
  t.equal(calls, 2);
  end();
  hub.emit('counted', 1);
  t.equal(calls, 3);
  t.end();
});

t.test('who is removed while the event is told hears nothing, who comes hears the next', (t) => {
  const hub = new EventHub<Events>();
  const heard: string[] = [];
  hub.on('counted', () => {
    heard.push('remover');
    endSecond();
    hub.on('counted', () => heard.push('newcomer'));
  });
  const endSecond = hub.on('counted', () => heard.push('removed'));
  hub.on('counted', () => heard.push('last'));
  hub.emit('counted', 1);
  t.same(heard, ['remover', 'last']);
  t.end();
});

t.test('a listener that listens anew each time does not hear one event for ever', (t) => {
  const hub = new EventHub<Events>();
  let calls = 0;
  const listen = (): void => {
    const end = hub.on('counted', () => {
      calls += 1;
      end();
      listen();
    });
  };
  listen();
  hub.emit('counted', 1);
  t.equal(calls, 1);
  t.end();
});

t.test('a listener that throws keeps nobody from hearing, and its error is not swallowed', (t) => {
  const hub = new EventHub<Events>();
  const heard: number[] = [];
  hub.on('counted', () => {
    throw new Error('first fault');
  });
  hub.on('counted', (count) => heard.push(count));
  hub.on('counted', () => {
    throw new Error('second fault');
  });
  hub.on('counted', (count) => heard.push(count));
  t.throws(() => hub.emit('counted', 7), new Error('first fault'));
  t.same(heard, [7, 7]);
  t.end();
});

t.test('an event inside an event is told to all before the outer one goes on', (t) => {
  const hub = new EventHub<Events>();
  const heard: string[] = [];
  hub.on('counted', (count) => {
    heard.push(`a${count}`);
    if (count === 1) hub.emit('counted', 2);
  });
  hub.on('counted', (count) => heard.push(`b${count}`));
  hub.emit('counted', 1);
  t.same(heard, ['a1', 'a2', 'b2', 'b1']);
  t.end();
});

t.test('back-off doubles to its limit, for ever, and begins anew', (t) => {
  const backOff = new BackOff({ firstMs: 100, maxMs: 1_000 });
  t.same(
    [1, 2, 3, 4, 5, 6].map(() => backOff.next()),
    [100, 200, 400, 800, 1_000, 1_000],
  );
  const later = Array.from({ length: 2_000 }, () => backOff.next());
  t.ok(later.every((delayMs) => delayMs === 1_000));
  t.equal(backOff.attempt, 2_006);
  backOff.reset();
  t.equal(backOff.attempt, 0);
  t.equal(backOff.next(), 100);
  t.end();
});

t.test('nobody hears anything of a hub that was closed', (t) => {
  const hub = new EventHub<Events>();
  const heard: string[] = [];
  hub.on('counted', (count) => {
    heard.push(`first ${count}`);
    hub.close();
  });
  hub.on('counted', (count) => heard.push(`second ${count}`));
  hub.emit('counted', 1);
  hub.on('counted', (count) => heard.push(`late ${count}`));
  hub.emit('counted', 2);
  t.same(heard, ['first 1'], 'not even who stood in line');
  t.end();
});
