import t from 'tap';
import type { Problem } from '#core/domain/problem.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { type Offer, UpdateChannel } from '#update/update-channel.ts';

const url = 'https://updates.example/onair/channel.json';
const hourMs = 3_600_000;

function open(answer: () => Response | Error) {
  const clock = new DrivenClock();
  const asked: string[] = [];
  const offers: (Offer | null)[] = [];
  const reasons: (Problem | null)[] = [];
  const installed: Offer[] = [];
  const channel = new UpdateChannel({
    version: '1.0.0',
    fetch: async (address) => {
      asked.push(String(address));
      const said = answer();
      if (said instanceof Error) throw said;
      return said;
    },
    onOffer: (offer, reason) => {
      offers.push(offer);
      reasons.push(reason);
    },
    onInstall: (offer) => installed.push(offer),
    clock,
    logger: createLogger('update', 'silent'),
  });
  channel.start();
  const configure = (change: { auto?: boolean; onAir?: boolean; url?: string | null } = {}): void =>
    channel.configure({ url, auto: false, onAir: false, ...change });
  return { clock, channel, asked, offers, reasons, installed, configure };
}

const says = (body: unknown) => () => Response.json(body);

t.test(
  'what is newer is offered, with the address of its bundle; it asks again every six hours',
  async (t) => {
    let newest = { version: '1.1.0', url: 'onair-1.1.0.raucb' };
    const { clock, channel, asked, offers, configure } = open(() => Response.json(newest));
    configure();
    t.same(await channel.look(), {
      version: '1.1.0',
      url: 'https://updates.example/onair/onair-1.1.0.raucb',
    });
    newest = { version: '1.2.0', url: 'https://cdn.example/b.raucb' };
    const before = asked.length;
    clock.advance(6 * hourMs);
    t.equal(asked.length, before + 1);
    t.same(await channel.look(), newest);
    newest = { version: '1.0.0', url: 'x.raucb' };
    t.equal(await channel.look(), null, 'the version that runs is not newer');
    t.equal(offers.at(-1), null);
    configure({ url: null });
    t.equal(await channel.look(), null);
    channel.close();
    t.equal(clock.timers, 0);
  },
);

t.test('a channel that cannot be read is told, and asked again sooner', async (t) => {
  for (const answer of [
    () => new Error('ENOTFOUND'),
    () => new Response('', { status: 404 }),
    says('nothing'),
    says({ version: 'newest', url: 'a' }),
    says({ version: '2.0.0', url: 'file:///etc/passwd' }),
    () => new Response('x'.repeat(200_000)),
  ]) {
    const { clock, channel, asked, reasons, installed, configure } = open(answer);
    configure({ auto: true });
    t.equal(await channel.look(), null);
    t.equal(reasons.at(-1)?.code, 'update-channel');
    const before = asked.length;
    clock.advance(11 * 60_000);
    t.equal(asked.length, before + 1);
    t.same(installed, []);
    channel.close();
  }
});

t.test(
  'with update.auto it installs by itself, off the air for ten minutes, each version once',
  async (t) => {
    const { clock, channel, installed, configure } = open(says({ version: '1.1.0', url: 'a.raucb' }));
    configure({ onAir: true });
    await channel.look();
    clock.advance(hourMs);
    configure({ auto: true, onAir: true });
    clock.advance(hourMs);
    t.same(installed, [], 'on the air');
    configure({ auto: true });
    clock.advance(9 * 60_000);
    t.same(installed, [], 'somebody may go live again');
    clock.advance(2 * 60_000);
    t.equal(installed.length, 1);
    clock.advance(hourMs);
    t.equal(installed.length, 1);
    channel.close();

    const other = open(says({ version: '1.1.0', url: 'a.raucb' }));
    other.channel.exclude('1.1.0');
    other.configure({ auto: true });
    await other.channel.look();
    other.clock.advance(hourMs);
    t.same(other.installed, [], 'one that was taken back is not tried again');
    other.channel.close();
  },
);
