import t from 'tap';
import { consoleOnPty } from '../support/console-host.ts';
import { keys, person } from '../support/console-person.ts';
import { DrivenClock } from '../support/driven-clock.ts';
import { type FakeControl, Refusal } from '../support/fake-control.ts';

// What a terminal does on the line; console-commands.test.ts has what the commands say.

t.setTimeout(60_000);

t.test('the greeting says name, address and state', async (t) => {
  const { host } = await consoleOnPty(t);
  const greeting = await host.until('onair> ');
  t.match(greeting, /Onair \d+\.\d+\.\d+: Stage\r\n/);
  t.match(greeting, /Page {3}http:\/\/onair\.local {2}or {2}http:\/\/192\.168\.1\.20\r\n/);
  t.match(greeting, /State {2}offline, ready to go live\r\n/);
});

t.test('the greeting says where the page is, whatever the box is connected to', async (t) => {
  const own = { ssid: 'Onair-1234', address: 'http://10.42.0.1', passphrase: 'some long words' };
  const cable = 'http://10.55.0.1';
  const toJoin = 'no network yet. Join one: wifi scan, wifi join NAME';
  const overCable = '         over this cable at http://10.55.0.1';
  for (const [name, address, usbAddress, lines] of [
    ['nothing', null, null, [`  Page   ${toJoin}`]],
    ['the USB cable alone', null, cable, [`  Page   ${toJoin}`, overCable]],
    [
      'a network and the USB cable',
      'http://192.168.1.20',
      cable,
      ['  Page   http://onair.local  or  http://192.168.1.20', overCable],
    ],
    [
      'its own access point',
      'http://10.42.0.1',
      cable,
      [
        '  Page   http://onair.local  or  http://10.42.0.1',
        overCable,
        '  Wi-Fi  the box’s own: Onair-1234, passphrase some long words',
      ],
    ],
  ] as const) {
    const control = (made: FakeControl): void => {
      made.status = { ...made.status, usbAddress, device: { ...made.status.device, address } };
      made.wifi = { ...made.wifi, accessPoint: own };
    };
    const { host } = await consoleOnPty(t, { prepare: control });
    const greeting = (await host.until('onair> ')).replaceAll('\r\n', '\n');
    t.match(greeting, `Stage\n${lines.join('\n')}\n  State  offline`, name);
  }
});

t.test('editing: arrows, Home, End, Ctrl-A E U W K, backspace and delete', async (t) => {
  const { host } = await person(t);
  const { left, right, home, end, delete: del, backspace } = keys;
  t.match(await host.type(`stats${left}u`), /^Name/);
  t.match(await host.type(`tatus${home}s`), /^Name/);
  t.match(await host.type(`statuss${backspace}`), /^Name/);
  t.match(await host.type(`xstatus${home}${del}`), /^Name/);
  t.match(await host.type(`bad words here\u0015status`), /^Name/);
  t.match(await host.type(`status words\u0017`), /^Name/);
  t.match(await host.type(`status words${left.repeat(6)}\u000b`), /^Name/);
  t.match(await host.type(`tatu${home}s${end}s`), /^Name/);
  t.match(await host.type(`stau${left}${left}${right}t\u0005s`), /^Name/);
  t.match(await host.type('get device.name'), /Onair/);
  t.match(await host.type(`set device.name Zoë 🎥x${backspace}`), /is set/, 'one character is one key');
  t.match(await host.type('get device.name'), /Zoë 🎥 /);
  host.send(`abc${keys.interrupt}`);
  t.match(await host.until('onair> '), /abc\^C\r\n/);
});

t.test('history: up and down, not the same line twice', async (t) => {
  const { host } = await person(t);
  await host.type('devices');
  await host.type('devices');
  await host.type('pair');
  t.match(await host.type(`${keys.up}${keys.up}`), /^box-1/);
  t.match(await host.type(`${keys.up}${keys.up}${keys.up}${keys.down}`), /^Code/);
  t.match(await host.type(`stat${keys.up}${keys.down}us`), /^Name/, 'what was being written is kept');
});

t.test('Tab completes commands, settings, their values, and networks in reach', async (t) => {
  const { host } = await person(t);
  const { tab } = keys;
  t.match(await host.type(`statu${tab}`), /^Name/);
  t.match(await host.type(`get device.na${tab}`), /Onair/);
  t.match(await host.type(`set viewing.ac${tab}p${tab}`), /viewing\.access is set/);
  host.send(`wi${tab}j${tab}`);
  await host.until('wifi join ');
  host.send(keys.interrupt);
  await host.until('onair> ');
  host.send(`st${tab}`);
  t.match(await host.until('onair> st'), /status {2}stop/, 'what there is');
  host.send('\u0015');
  await host.type('wifi scan');
  host.send(`wifi join C${tab}`);
  t.match(await host.until('\u0007'), /wifi join C/, 'a name with blanks begins with a quote');
  host.send(`\u0015wifi join "${tab}\r`);
  t.match(await host.until('none): '), /Café au lait/);
});

t.test('Ctrl-C stops a command that runs; what is typed meanwhile comes after it', async (t) => {
  const { host, control } = await person(t);
  control.overrides['POST /api/v1/broadcast'] = () => null;
  host.send('live\r');
  await control.listenedToBy(1);
  host.send(keys.interrupt);
  t.match(await host.until('onair> '), /\^C\r\nStopped\.\r\n/);
  host.send('live\rdevices\r');
  await control.listenedToBy(1);
  control.become({ state: 'live' });
  t.match(await host.until('(this box), 49 °C\r\nonair> '), /Live\. .*\r\nonair> devices\r\n/s);
});

t.test(
  'the cable out in mid-line and in again: a new greeting, and nothing left of the old line',
  async (t) => {
    const { host, pty } = await person(t);
    host.send('set device.na');
    await host.until('device.na');
    await pty.unplug();
    await pty.plug();
    t.match(await host.until('onair> '), /Stage/);
    t.match(await host.type('status'), /^Name/);
  },
);

t.test('words of others steer no terminal', async (t) => {
  const { host, control } = await person(t);
  control.networks = [{ ssid: '\u001b[2J\u009bEvil\u202e', signalPercent: 50, secured: false, saved: false }];
  const shown = await host.type('wifi scan');
  t.match(shown, /\?\[2J\?Evil\?/);
  control.overrides['POST /api/v1/pairing/code'] = () => {
    throw new Refusal(503, 'unavailable', 'Not\u001b]0;now\u0007.');
  };
  t.equal(await host.type('pair'), 'Not?]0;now?.');
});

t.test('a terminal that sends back what it hears is met with silence, not with a storm', async (t) => {
  const clock = new DrivenClock(); // the silence lasts until the test ends it
  const { host, pty } = await person(t, { clock });
  let echoed = 0;
  pty.onData((bytes) => {
    echoed += bytes.length;
    pty.write(Buffer.from(bytes).toString('latin1').replaceAll('\u001b', '^['));
  });
  host.send('status\r');
  await host.until('Name');
  // Once a program's question is answered, the box has dealt with all that went round before it.
  const wentRound = async (): Promise<number> => {
    const before = echoed;
    host.send('\n'); // a fresh line
    await host.call('help', ['help']);
    return echoed - before;
  };
  const first = await wentRound();
  await wentRound();
  const answerAlone = await wentRound();
  t.equal(await wentRound(), answerAlone, `${first} bytes went round at first`);
  t.ok(echoed < 20_000);
});
