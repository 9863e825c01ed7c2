import t from 'tap';
import { IssueReports } from '#core/domain/issue-reports.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const info = { player: 'p', browser: 'b', os: 'o', network: 'n', bandwidthEstimateKbps: 1 };

function keep() {
  const clock = new DrivenClock();
  let made = 0;
  const reports = new IssueReports({
    clock,
    newId: () => {
      made += 1;
      return `r${made}`;
    },
  });
  const add = (viewerId: string, description = 'late', clientInfo = info) =>
    reports.add({
      viewerId,
      sessionId: 's',
      issueType: 'lag',
      severity: 'low',
      description,
      clientInfo,
    });
  return { clock, reports, add };
}

t.test('the latest comes first, with its time', async (t) => {
  const { clock, reports, add } = keep();
  add('a', 'first');
  clock.advance(1_000);
  add('b', 'second');
  t.match(reports.latest, [
    { id: 'r2', viewerId: 'b', description: 'second', receivedAt: '2026-01-02T03:04:06.000Z' },
    { id: 'r1', viewerId: 'a', description: 'first', receivedAt: '2026-01-02T03:04:05.000Z' },
  ]);
});

t.test('200 are kept, all are counted', async (t) => {
  const { reports, add } = keep();
  for (let viewer = 0; viewer < 250; viewer += 1) add(`viewer-${viewer}`);
  t.equal(reports.latest.length, 200);
  t.equal(reports.received, 250);
  t.equal(reports.latest.at(-1)?.viewerId, 'viewer-50');
});

t.test('one viewer fills 20 places at most, at the cost of their own oldest', async (t) => {
  const { clock, reports, add } = keep();
  add('other');
  for (let each = 0; each < 60; each += 1) {
    add('loud', `${each}`);
    clock.advance(10_000);
  }
  t.equal(reports.latest.length, 21);
  t.equal(reports.latest.at(-1)?.viewerId, 'other');
  t.equal(reports.latest.at(-2)?.description, '40');
});

t.test('10 a minute from one viewer, others unharmed', async (t) => {
  const { clock, add } = keep();
  for (let each = 0; each < 10; each += 1) add('loud');
  t.throws(() => add('loud'), { code: 'rate-limited', action: String });
  add('other');
  clock.advance(60_000);
  add('loud');
});

t.test('what a viewer wrote is cut to size and made printable', async (t) => {
  const { add } = keep();
  const { description, clientInfo } = add(
    'a',
    `\u001b[31mred\u0000\n\u202etxet\ud800 ${'x'.repeat(10_000)}`,
    {
      ...info,
      player: `${'y'.repeat(127)}😀`,
    },
  );
  t.equal(description.length, 2_000);
  t.match(description, /^\[31mred txet x+$/);
  t.equal(clientInfo.player, 'y'.repeat(127), 'no half of a character is left');
});
