import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { encodeFragment, type Fragment } from '#core/protocol/fragment.ts';
import { type FromMedia, type ToMedia, toMedia } from '#core/protocol/link/media.ts';
import { type FromPanel, type ToPanel, toPanel } from '#core/protocol/link/panel.ts';
import { LinkClient } from '#core/runtime/link-client.ts';
import { heard } from '#test/support/heard.ts';
import { keepingLogger, LinkServer } from '#test/support/link-pair.ts';
import { shortFolder } from '#test/support/short-folder.ts';

t.setTimeout(20_000);

async function setUp(t: Test) {
  const path = join(await shortFolder(t), 'my box: control.sock'); // a state directory may have any name
  let server = await new LinkServer(path).start();
  const closers: (() => void)[] = [];
  t.teardown(async () => {
    for (const close of closers) close();
    await server.close();
  });
  const { logger, kept } = keepingLogger();
  const media = () => {
    const link = new LinkClient<ToMedia, FromMedia>({
      daemon: 'media',
      socketPath: path,
      incoming: toMedia,
      logger,
    });
    closers.push(() => link.close());
    return link;
  };
  const panel = () => {
    const link = new LinkClient<ToPanel, FromPanel>({
      daemon: 'panel',
      socketPath: path,
      incoming: toPanel,
      logger,
    });
    closers.push(() => link.close());
    return link;
  };
  const restart = async (whileAway: () => Promise<void> = async () => {}): Promise<LinkServer> => {
    await server.close();
    await whileAway();
    server = await new LinkServer(path).start();
    return server;
  };
  return { path, server, media, panel, kept, restart };
}

async function joined(server: LinkServer, link: { start: () => void }): Promise<void> {
  const welcome = heard(server.host.events, 'joined');
  link.start();
  await welcome;
}

const state = { state: 'idle', pipelineId: null, reason: null, format: null, attempt: 0 } as const;

t.test('a daemon says hello, is welcomed, and both hear each other', async (t) => {
  const { server, media } = await setUp(t);
  const link = media();
  const connected = heard(link.events, 'connected');
  const welcome = heard(link.events, 'message');
  await joined(server, link);
  await connected;
  t.match(await welcome, { type: 'daemon_welcome', payload: { device_id: 'box-1' } });
  t.same(server.host.daemons, { media: { pid: process.pid, up: true } });
  t.equal(server.host.has('egress'), false);

  const up = heard(server.host.events, 'media');
  t.equal(link.send({ type: 'media_state', payload: state }), true);
  t.match(await up, { type: 'media_state', payload: state });
  const down = heard(link.events, 'message');
  t.equal(server.host.sendToMedia({ type: 'media_stop', payload: {} }), true);
  t.match(await down, { type: 'media_stop' });
  t.equal(
    server.host.sendToEgress({
      type: 'egress_configure',
      payload: {
        engine: 'werift',
        port: 0,
        bindAddress: null,
        iceServers: [],
        bitrate: { ceilingKbps: 3_000, adaptive: true },
      },
    }),
    false,
    'who is not here hears nothing',
  );
});

t.test('control that restarts is found again, and told anew', async (t) => {
  const { server, media, restart } = await setUp(t);
  const link = media();
  await joined(server, link);
  const left = heard(server.host.events, 'left');
  const gone = heard(link.events, 'disconnected');
  const after = await restart(async () => {
    await gone;
    t.equal(link.connected, false);
    t.equal(link.send({ type: 'media_state', payload: state }), false, 'what finds nobody is dropped');
    t.equal(link.sendBinary(new Uint8Array(1)), false);
  });
  t.same(await left, { daemon: 'media' });
  await heard(after.host.events, 'joined');
  const up = heard(after.host.events, 'media');
  t.equal(link.send({ type: 'media_state', payload: state }), true);
  t.match(await up, { type: 'media_state' });
});

t.test('a daemon that starts before control waits for it', async (t) => {
  const { media, restart } = await setUp(t);
  const link = media();
  const server = await restart(async () => {
    link.start();
    link.start();
  });
  await heard(server.host.events, 'joined');
  t.same(Object.keys(server.host.daemons), ['media']);
});

t.test('a second one of a daemon takes the place of the first, whose work is over', async (t) => {
  const { server, media } = await setUp(t);
  const [leftover, next] = [media(), media()];
  await joined(server, leftover);
  const order: string[] = [];
  server.host.events.on('left', ({ daemon }) => order.push(`left ${daemon}`));
  server.host.events.on('joined', ({ daemon }) => order.push(`joined ${daemon}`));
  const gone = heard(leftover.events, 'disconnected');
  leftover.events.on('disconnected', () => leftover.close());
  await joined(server, next);
  await gone;
  t.same(order, ['left media', 'joined media']);
  t.equal(server.host.has('media'), true);
  const down = heard(next.events, 'message');
  server.host.sendToMedia({ type: 'media_stop', payload: {} });
  await down;
  t.same(order, ['left media', 'joined media'], 'and the end of the first is not the end of the second');
});

t.test('fragments arrive as they were sent, in order', async (t) => {
  const { server, media } = await setUp(t);
  const link = media();
  await joined(server, link);
  const fragments = [0, 1, 2].map(
    (sequence): Fragment => ({
      header: {
        kind: 'part',
        pipelineId: 'p',
        sequence,
        independent: sequence === 0,
        durationSeconds: 0.2,
        capturedAtMs: 1,
      },
      bytes: new Uint8Array(200_000).fill(sequence),
    }),
  );
  const arrived: Fragment[] = [];
  const all = heard(server.host.events, 'fragment', (fragment) => arrived.push(fragment) === 3);
  for (const fragment of fragments) t.equal(link.sendBinary(encodeFragment(fragment)), true);
  await all;
  t.same(
    arrived.map(({ header }) => header),
    fragments.map(({ header }) => header),
  );
  for (const [index, { bytes }] of arrived.entries())
    t.ok(Buffer.from(bytes).equals(fragments[index]?.bytes ?? bytes));
});

t.test('what cannot be read is logged and costs nothing else', async (t) => {
  const { path, server, media, panel } = await setUp(t);
  const link = media();
  await joined(server, link);
  let fragments = 0;
  server.host.events.on('fragment', () => {
    fragments += 1;
  });
  link.sendBinary(new Uint8Array([0, 0]));
  link.sendBinary(new Uint8Array([255, 255, 255, 255, 1]));
  link.sendBinary(new Uint8Array([0, 0, 0, 2, 0x7b, 0x7d]));
  const button = { pressId: 'a', press: 'short', ageMs: 0 } as const;
  (link as unknown as LinkClient<ToPanel, FromPanel>).send({ type: 'panel_button', payload: button });
  const up = heard(server.host.events, 'media');
  link.send({ type: 'media_state', payload: state });
  await up;
  t.equal(fragments, 0);
  t.equal(server.kept.filter((line) => /fragment that cannot be read/.test(line)).length, 3);
  t.equal(server.kept.filter((line) => /unknown message/.test(line)).length, 1, 'media has no button');

  const other = panel();
  await joined(server, other);
  const press = heard(server.host.events, 'panel');
  other.sendBinary(
    encodeFragment({
      header: { kind: 'init', pipelineId: 'p', codecs: 'x', width: 1, height: 1 },
      bytes: new Uint8Array(1),
    }),
  );
  other.send({ type: 'panel_button', payload: button });
  t.match(await press, { payload: button });
  t.equal(fragments, 0, 'fragments come from media only');

  for (const first of [
    'not JSON',
    '{"type":"panel_button"}',
    '{"type":"daemon_hello","payload":{"daemon":"root"}}',
  ]) {
    const stranger = new WebSocket('ws://localhost/link', {
      createConnection: () => connect(path),
    });
    await once(stranger, 'open');
    stranger.send(first);
    const [code] = await once(stranger, 'close');
    t.equal(code, 1008, first);
  }
});

t.test('what control says and this daemon does not know is logged, and the rest is heard', async (t) => {
  const { server, panel, kept } = await setUp(t);
  const link = panel();
  await joined(server, link);
  const told = heard(link.events, 'message');
  const sendRaw = server.host.sendToPanel.bind(server.host) as (message: object) => boolean;
  await told;
  const next = heard(link.events, 'message');
  sendRaw({ type: 'panel_dance', payload: {} });
  sendRaw({ type: 'panel_state', payload: { state: 'dancing' } });
  sendRaw({
    type: 'panel_state',
    payload: {
      ...{ state: 'offline', advancing: false, viewers: 0, reason: null, pairing: false, proof: null },
      conditions: [],
    },
  });
  t.match(await next, { type: 'panel_state', payload: { state: 'offline' } });
  t.equal(kept.filter((line) => /does not know/.test(line)).length, 2);
});

t.test('a closed link stays closed', async (t) => {
  const { server, media } = await setUp(t);
  const link = media();
  await joined(server, link);
  const left = heard(server.host.events, 'left');
  link.events.on('disconnected', () => t.fail('it was closed on purpose'));
  link.close();
  link.close();
  link.start();
  await left;
  t.equal(link.connected, false);
});
