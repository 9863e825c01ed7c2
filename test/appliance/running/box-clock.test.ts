import t from 'tap';
import { callLink } from '../../support/vm/guest-box.ts';
import { runningBox } from '../../support/vm/standard-box.ts';

// A board that has neither a clock nor a network gets the time and its time zone from the first operator.

const vm = await runningBox(t);
const { shell } = vm;

const tell = (timeZone?: string) =>
  callLink(shell, 'PUT', '/api/v1/clock', { unixMilliseconds: Date.now(), timeZone });
const guestNowMs = async () => Number(await shell.run('date +%s%3N'));
/** A file that a path unit's service makes, or changes. */
const until = (condition: string) =>
  shell.run(`for try in $(seq 200); do ${condition} && exit; sleep 0.1; done; exit 1`, { withinMs: 60_000 });

t.test('a clock that shows a time long ago is set, once', async (t) => {
  await shell.run('date --set=2001-02-03 && rm -f /run/onair-clock/told');
  t.match(await tell(), { time: true });
  await until('[ -e /run/onair-clock/told ]');
  const wrongByMs = Math.abs((await guestNowMs()) - Date.now());
  t.ok(wrongByMs < shell.within(60_000), `wrong by ${wrongByMs} ms`);
  t.match(await tell(), { time: false }, 'it is known now');
});

t.test('the time zone is the first operator’s, and the system’s', async (t) => {
  t.match(await tell('Europe/Berlin'), { timeZone: true });
  await until('[ "$(timedatectl show --property=Timezone --value)" = Europe/Berlin ]');
  t.match(await shell.run('date +%Z'), /^CES?T$/);
  t.match(await tell('America/Lima'), { timeZone: false });
  t.match(await callLink(shell, 'GET', '/api/v1/settings'), { device: { timeZone: 'Europe/Berlin' } });
});
