import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { DaemonSocket } from '#control/link/daemon-socket.ts';
import { LinkHost } from '#control/link/link-host.ts';
import { ApiClient } from '#core/protocol/client.ts';
import { getStatus } from '#core/protocol/endpoints/box.ts';
import { startBroadcast } from '#core/protocol/endpoints/broadcast.ts';
import { restartBox } from '#core/protocol/endpoints/care.ts';
import { makePairingCode } from '#core/protocol/endpoints/operators.ts';
import { getSettings } from '#core/protocol/endpoints/settings.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { heard } from '#test/support/heard.ts';
import { keepingLogger } from '#test/support/link-pair.ts';
import { shortFolder } from '#test/support/short-folder.ts';

t.setTimeout(20_000);

async function mediaSocket(t: Test) {
  const path = join(await shortFolder(t), 'link-media.sock');
  const { logger } = keepingLogger();
  const link = new LinkHost({ logger, deviceId: () => 'box-1' });
  const socket = new DaemonSocket({
    path,
    daemon: 'media',
    accept: (opened) => link.accept(opened, ['media']),
    logger,
  });
  await socket.start();
  t.teardown(() => socket.close());
  const open = async (at: string): Promise<WebSocket> => {
    const opened = new WebSocket(`ws://localhost${at}`, { createConnection: () => connect(path) });
    await once(opened, 'open');
    return opened;
  };
  const hello = (daemon: string): string =>
    JSON.stringify({
      type: 'daemon_hello',
      ts: '2026-01-02T03:04:05.000Z',
      payload: { daemon, pid: 1, version: '1' },
    });
  return { path, link, open, hello };
}

t.test('media’s socket refuses what operators may do, and what everybody may ask', async (t) => {
  const { path } = await mediaSocket(t);
  const api = new ApiClient<'operator'>(linkTransport(path));
  for (const [what, call] of [
    ['go live', api.call(startBroadcast)],
    ['settings', api.call(getSettings)],
    ['a code for pairing', api.call(makePairingCode)],
    ['restart', api.call(restartBox, { body: { what: 'box' } })],
    ['status', api.call(getStatus)],
  ] as const)
    await t.rejects(call, { code: 'forbidden', message: 'This socket takes the link of media alone.' }, what);
});

t.test('media’s socket opens no web socket but its link, and that for media alone', async (t) => {
  const { link, open, hello } = await mediaSocket(t);
  for (const other of ['/ws', '/ws/device', '/ws/session', '/link/..'])
    await t.rejects(open(other), { message: /403/ }, other);
  for (const daemon of ['egress', 'panel', 'console', 'outputs']) {
    const stranger = await open('/link');
    stranger.send(hello(daemon));
    const [code] = await once(stranger, 'close');
    t.equal(code, 1008, daemon);
    t.same(link.daemons, {}, 'nobody has joined');
  }
  const joined = heard(link.events, 'joined');
  const media = await open('/link');
  media.send(hello('media'));
  t.same(await joined, { daemon: 'media' });
  media.terminate();
});
