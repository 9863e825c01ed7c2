import t from 'tap';
import { runningBox } from '../../support/vm/standard-box.ts';

const vm = await runningBox(t);

/** What each unit may score at most in systemd's judgement: 0 is sealed, 10 is bare. */
const bounds: Record<string, number> = {
  'onair-control.service': 1.1,
  'onair-egress.service': 1.1,
};
const boundOfOthers = 1.5;

t.test('exposure of each unit, as the system that runs it judges', async (t) => {
  const table = await vm.shell.run('systemd-analyze security --no-pager | cat', { withinMs: 120_000 });
  const units = [...table.matchAll(/^\s*(onair-[\w-]+\.service)\s+([\d.]+)/gm)];
  for (const daemon of ['control', 'media', 'egress', 'panel', 'console', 'outputs', 'update'])
    t.ok(
      units.some(([, unit]) => unit === `onair-${daemon}.service`),
      `onair-${daemon} is judged`,
    );
  for (const [, unit = '', exposure] of units) {
    const bound = bounds[unit] ?? boundOfOthers;
    t.ok(Number(exposure) <= bound, `${unit}: ${exposure}, ${bound} at most`);
    t.comment(`figure: exposure ${unit} ${exposure}`);
  }
});

t.test('the daemons are nobody in particular', async (t) => {
  const users = await vm.shell.run(
    'for d in control media egress panel console outputs update; do ps -o user:20=,pid= -p $(systemctl show -p MainPID --value onair-$d); done',
  );
  for (const name of ['control', 'media', 'egress', 'panel', 'console', 'outputs', 'update'])
    t.match(users, new RegExp(`^onair-${name} `, 'm'));
});

t.test('a daemon opens its own link and nobody else’s', async (t) => {
  const daemons = ['media', 'egress', 'panel', 'outputs', 'update'];
  const opens = async (daemon: string, socket: string) =>
    (
      await vm.shell.try(
        `setpriv --reuid onair-${daemon} --regid onair-${daemon} --init-groups test -w ${socket}`,
      )
    ).exitCode === 0;
  for (const daemon of daemons) {
    t.notOk(await opens(daemon, '/run/onair/control.sock'), `${daemon} is no operator`);
    for (const other of daemons.filter((name) => name !== daemon))
      t.notOk(await opens(daemon, `/run/onair-links/${other}/link.sock`), `${daemon} is not ${other}`);
    t.ok(await opens(daemon, `/run/onair-links/${daemon}/link.sock`), daemon);
  }
  t.ok(await opens('console', '/run/onair/control.sock'), 'the USB line is an operator’s');
});

t.test('nobody listens that need not', async (t) => {
  const listening = await vm.shell.run(`ss -H -ltun | awk '{ print $1 " " $5 }' | sort -u`);
  const expected =
    /^(tcp \S*:(22|80|443|1935|8554)|udp \S*:(8189|9710|5353|68|546|67|53)|tcp (10\.55\.0\.1|\S*%usb0):53|udp 127\.0\.0\.1:\d+|udp \S*:\d{5})$/;
  for (const line of listening.split('\n')) t.match(line, expected);
  t.comment(`figure: listens on ${listening.replaceAll('\n', ', ')}`);
});
