import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { WebSocketServer } from 'ws';
import { daemonHello } from '#core/protocol/link/daemon.ts';
import { ConsoleDaemon } from '../support/console-daemon.ts';
import { inTime } from '../support/in-time.ts';
import { shortFolder } from '../support/short-folder.ts';

t.setTimeout(240_000);

t.test('the daemon greets, serves all three speakers, and is light', async (t) => {
  const daemon = await ConsoleDaemon.start(t);
  const { host } = daemon;
  const atRest = await daemon.memory();
  await host.until('onair> ');
  t.match(await host.type('status'), /^Name/);
  t.match(await host.call('status'), { result: { device: { name: 'Stage' } } });
  host.send(Buffer.from('494d50524f56010302020 0e50a'.replace(' ', ''), 'hex'));
  await host.until('\nIMPROV\u0001\u0002\u0001\u0000');
  t.comment(
    `resident ${atRest.residentMb.toFixed(0)} MB, proportional ${atRest.proportionalMb.toFixed(0)} MB`,
  );
  t.ok(atRest.residentMb < 90, 'before anybody spoke');
});

t.test('it says hello on the link', async (t) => {
  const daemon = await ConsoleDaemon.start(t, { control: false });
  const server = new WebSocketServer({ noServer: true });
  const http = await import('node:http');
  const control = http.createServer().listen(daemon.control.socketPath);
  t.teardown(() => control.close());
  control.on('upgrade', (request, socket, head) =>
    server.handleUpgrade(request, socket, head, (link) => server.emit('connection', link)),
  );
  const [link] = await once(server, 'connection');
  const [hello] = await once(link, 'message');
  t.match(daemonHello.parse(JSON.parse(String(hello))).payload, { daemon: 'console', pid: daemon.pid });
  link.terminate();
});

t.test('SIGTERM ends it within 2 s, whatever the port does', async (t) => {
  const quiet = await ConsoleDaemon.start(t);
  t.ok(inTime(await quiet.end('SIGTERM'), 2_000), 'nothing said');

  const unheard = await ConsoleDaemon.start(t);
  await unheard.host.until('onair> ');
  await unheard.pty.deaf(true);
  for (let times = 0; times < 200; times += 1)
    unheard.host.send('{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}\n');
  t.ok(inTime(await unheard.end('SIGTERM'), 2_000), 'a host that does not read');

  const unplugged = await ConsoleDaemon.start(t);
  await unplugged.host.until('onair> ');
  unplugged.host.send('half a li');
  await unplugged.pty.unplug();
  await unplugged.logged('line hung up');
  t.ok(inTime(await unplugged.end('SIGTERM'), 2_000), 'the cable out in mid-line');

  const nowhere = await ConsoleDaemon.start(t, { port: join(await shortFolder(t), 'none') });
  t.ok(inTime(await nowhere.end('SIGTERM'), 2_000), 'no such port');

  const waiting = await ConsoleDaemon.start(t);
  waiting.control.overrides['POST /api/v1/wifi/scan'] = () => undefined;
  await waiting.host.until('onair> ');
  waiting.host.send('wifi scan\r');
  await waiting.host.until('Looking');
  t.ok(inTime(await waiting.end('SIGTERM'), 2_000), 'a command that has no answer yet');
});

t.test('a control that hangs is said, and the line goes on', async (t) => {
  const daemon = await ConsoleDaemon.start(t, { control: false });
  const hanging = createServer(() => {}).listen(daemon.control.socketPath);
  t.teardown(() => hanging.close());
  daemon.host.send('\r');
  t.match(await daemon.host.until('onair> '), /does not answer yet/);
  t.match(await daemon.host.type('help reboot'), /^reboot/);
  t.match(await daemon.host.type('lvie'), /no command/);
  daemon.host.send('status\r');
  await daemon.host.until('status\r\n');
  daemon.host.send('\u0003');
  t.match(await daemon.host.until('onair> '), /Stopped/);
});
