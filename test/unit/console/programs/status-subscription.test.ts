import { EventEmitter, once } from 'node:events';
import t from 'tap';
import { StatusSubscription } from '#console/programs/status-subscription.ts';
import { ApiClient } from '#core/protocol/client.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { FakeControl } from '#test/support/fake-control.ts';
import { shortFolder } from '#test/support/short-folder.ts';

t.test(
  'a program that reads slowly while control is away hears how it is once it has caught up',
  async (t) => {
    const control = await new FakeControl(await shortFolder(t)).start();
    t.teardown(() => control.close());
    const clock = new DrivenClock();
    const seen = new EventEmitter();
    let unreadBytes = 0;
    const subscription = new StatusSubscription({
      box: new ApiClient<'operator'>(linkTransport(control.socketPath)),
      clock,
      send: ({ method, params }) =>
        seen.emit(method, 'status' in params ? params.status.broadcast.state : undefined),
      pendingBytes: () => {
        seen.emit('weighed');
        return unreadBytes;
      },
    });
    t.teardown(() => subscription.end());
    const changed = once(seen, 'statusChanged');
    subscription.start();
    t.same(await changed, ['offline']);

    unreadBytes = 100_000;
    control.become({ state: 'starting' });
    const lost = once(seen, 'statusLost');
    control.hangUp();
    await lost;
    control.become({ state: 'live' });
    const weighed = once(seen, 'weighed');
    clock.advance(500);
    await weighed;
    unreadBytes = 0;
    const told = once(seen, 'statusChanged');
    clock.advance(200);
    t.same(await told, ['live']);
  },
);
