import t, { type Test } from 'tap';
import { z } from 'zod';
import { methods } from '#console/commands/table.ts';
import { consoleOnPty } from '../support/console-host.ts';
import { Refusal } from '../support/fake-control.ts';

t.setTimeout(60_000);

/** A program that has made sure of a fresh line. */
async function program(t: Test, options: { control?: boolean } = {}) {
  const made = await consoleOnPty(t, options);
  made.host.send('\n');
  await made.host.until('onair> ');
  return made;
}

/** One call of each command, with what makes it succeed. */
const calls: Record<string, unknown> = {
  status: undefined,
  live: {},
  stop: [],
  'settings.get': ['device'],
  'settings.set': { key: 'broadcast.title', value: 'Concert' },
  get: ['device'],
  set: { key: 'broadcast.title', value: 'Concert' },
  sources: undefined,
  'sources.take': ['test'],
  camera: { source: 'test', controls: { brightness: 10 } },
  ingest: undefined,
  wifi: undefined,
  'wifi.scan': undefined,
  'wifi.join': { ssid: 'Kitchen', passphrase: 'good passphrase' },
  'wifi.hidden': ['Kitchen', 'good passphrase'],
  'wifi.forget': { ssid: 'Attic' },
  outputs: undefined,
  'outputs.add': { name: 'Other', url: 'rtmp://a.example/live', key: 'KEY' },
  'outputs.on': ['Platform'],
  'outputs.off': ['out-1'],
  'outputs.remove': { output: 'Platform' },
  record: undefined,
  'record.stop': undefined,
  recordings: undefined,
  update: { url: 'https://a.example/onair.raucb' },
  'update.install': undefined,
  'update.rollback': undefined,
  pair: undefined,
  operators: undefined,
  'operators.revoke': ['op'],
  devices: undefined,
  'devices.add': ['box-2', 'Kitchen'],
  'devices.remove': ['box-2'],
  certificate: undefined,
  logs: { lines: 2 },
  doctor: undefined,
  restart: { what: 'services' },
  reboot: undefined,
  help: { command: 'wifi join' },
  patch: { settings: { device: { name: 'Bühne' }, network: { hostname: 'stage' } } },
  subscribe: undefined,
  unsubscribe: undefined,
};

t.test('every command is a method, and answers as it promises', async (t) => {
  const { host } = await program(t);
  t.same(Object.keys(calls).sort(), methods.map(({ method }) => method).sort());
  for (const { method, result } of methods) {
    const answer = await host.call(method, calls[method]);
    t.same(answer.error, undefined, method);
    t.ok(
      result.safeParse(answer.result).success,
      `${method}: ${JSON.stringify(answer.result)?.slice(0, 80)}`,
    );
  }
});

t.test('the OpenRPC document describes every method with schemas that fit', async (t) => {
  const { host } = await program(t);
  const { result } = await host.call('rpc.discover');
  const document = z
    .object({
      openrpc: z.string().regex(/^1\.3\.\d$/),
      info: z.object({ title: z.string(), version: z.string() }),
      methods: z.array(
        z.object({
          name: z.string(),
          summary: z.string().min(5),
          params: z.array(
            z.object({ name: z.string(), required: z.boolean(), schema: z.record(z.string(), z.unknown()) }),
          ),
          result: z.object({ name: z.string(), schema: z.record(z.string(), z.unknown()) }),
        }),
      ),
      components: z.object({
        errors: z.record(z.string(), z.object({ code: z.number().int(), message: z.string() })),
      }),
    })
    .parse(result);
  const names = [...methods.map(({ method }) => method), 'rpc.discover'];
  t.same(
    document.methods.map(({ name }) => name),
    names,
  );
  const join = document.methods.find(({ name }) => name === 'wifi.join');
  t.same(
    join?.params.map(({ name, required }) => [name, required]),
    [
      ['ssid', true],
      ['passphrase', false],
      ['hidden', false],
    ],
  );
});

t.test('errors have the one taxonomy, and say what to do', async (t) => {
  const { host, control } = await program(t);
  const error = async (method: string, params?: unknown) => (await host.call(method, params)).error;
  t.match(await error('fly'), { code: -32601, data: { code: 'unknown-command', action: /rpc\.discover/ } });
  t.match(await error('set', { key: 'a' }), { code: -32602, message: 'VALUE is missing.' });
  t.match(await error('set', { key: 'device.name', value: 1, more: 1 }), {
    code: -32602,
    message: /^more: /,
  });
  t.match(await error('set', ['a', 'b', 'c']), { code: -32602, data: { code: 'invalid-message' } });
  t.match(await error('logs', { lines: 'x' }), { code: -32602, message: /^LINES must be a number/ });
  t.match(await error('status', 7), { code: -32602, message: 'The parameters must be an object.' });
  t.match(await error('get', ['nope']), { code: -32004, data: { code: 'not-found' } });
  t.match(await error('wifi.join', { ssid: 'Nowhere' }), { code: -32000, data: { code: 'wifi-not-found' } });
  control.overrides['POST /api/v1/restart'] = () => {
    throw new Refusal(409, 'conflict', 'Somebody else is at it.', 'Wait.');
  };
  t.match(await error('reboot'), {
    code: -32009,
    message: 'Somebody else is at it.',
    data: { code: 'conflict', action: 'Wait.' },
  });
});

t.test('what is no request', async (t) => {
  const { host } = await program(t);
  const answers: [string, object][] = [
    ['{"jsonrpc":"2.0","method"', { id: null, error: { code: -32700 } }],
    ['[]', { id: null, error: { code: -32600, message: 'The batch is empty.' } }],
    ['[1]', [{ id: null, error: { code: -32600 } }] as object],
    ['{"id":1,"method":"status"}', { id: 1, error: { code: -32600 } }],
    ['{"jsonrpc":"2.0","id":{},"method":"status"}', { id: null, error: { code: -32600 } }],
    ['{"jsonrpc":"2.0","id":2,"method":7}', { id: 2, error: { code: -32600 } }],
    [`{"x":"${'y'.repeat(100_000)}"}`, { id: null, error: { code: -32700, message: /too long/ } }],
    [`[${Array.from({ length: 60 }, () => '{}').join()}]`, { error: { code: -32600, message: /too long/ } }],
  ];
  for (const [line, answer] of answers) {
    host.send(`${line}\n`);
    t.match(JSON.parse(await host.line()), answer, line.slice(0, 40));
  }
});

t.test('batches, notifications, and answers that are sent back', async (t) => {
  const { host, control } = await program(t);
  const request = (id: number | undefined, method: string, params?: unknown): object => ({
    jsonrpc: '2.0',
    ...(id === undefined ? {} : { id }),
    method,
    params,
  });
  host.send(
    `${JSON.stringify([request(1, 'status'), request(undefined, 'set', ['device.name', 'Roof']), request(2, 'no')])}\n`,
  );
  t.match(JSON.parse(await host.line()), [
    { id: 1, result: { device: { name: 'Stage' } } },
    { id: 2, error: { code: -32601 } },
  ]);
  t.equal(control.settings.device?.name, 'Roof', 'a notification acts, and is not answered');
  host.send(`${JSON.stringify([request(undefined, 'status')])}\n`);
  host.send('{"jsonrpc":"2.0","id":1,"result":{}}\n{"jsonrpc":"2.0","id":1,"error":{}}\n');
  t.match(await host.call('get', { key: 'device.name' }), {
    result: { settings: { 'device.name': 'Roof' } },
  });
  t.equal(host.unread, '', 'nothing else came');
});

t.test('many at once: 32 under way, more are told to wait', async (t) => {
  const { host, control } = await program(t);
  const release: (() => void)[] = [];
  const allUnderWay = new Promise<void>((resolve) => {
    control.overrides['GET /api/v1/devices'] = (_, response) => {
      if (release.push(() => response.end('{"devices":[]}')) === 32) resolve();
      return undefined;
    };
  });
  const lines = Array.from({ length: 33 }, (_, id) => `{"jsonrpc":"2.0","id":${id},"method":"devices"}\n`);
  host.send(lines.join(''));
  t.match(await host.answer(32), { error: { code: -32029, data: { code: 'rate-limited' } } });
  await allUnderWay;
  for (const one of release) one();
  for (let id = 0; id < 32; id += 1) t.match(JSON.parse(await host.line()), { result: { devices: [] } });
});

t.test('notifications on request, also over an absence of control', async (t) => {
  const { host, control } = await program(t);
  const state = async (): Promise<unknown> => {
    const { method, params } = JSON.parse(await host.line());
    return method === 'statusChanged' ? params.status.broadcast.state : method;
  };
  t.same(await host.call('subscribe'), { jsonrpc: '2.0', id: 1, result: { subscribed: true } });
  t.equal(await state(), 'offline', 'how it is now');
  control.become({ state: 'live' });
  t.equal(await state(), 'live');
  await control.close();
  t.equal(await state(), 'statusLost');
  await control.start();
  t.equal(await state(), 'live', 'back');
  await host.call('unsubscribe');
  control.become({ state: 'offline' });
  t.match(await host.call('status'), { result: { broadcast: { state: 'offline' } } });
  t.equal(host.unread, '', 'no more');
  await control.listenedToBy(0);
});

t.test('a program that reads slowly gets the latest, and costs bounded memory', async (t) => {
  const { host, control, pty } = await program(t);
  await host.call('subscribe');
  await host.line();
  await pty.deaf(true);
  for (let viewers = 0; viewers < 2_000; viewers += 1) {
    control.status.audience.viewers = viewers;
    control.become({});
  }
  control.hangUp();
  await control.listenedToBy(1); // again: all that was told before has been heard
  await pty.deaf(false);
  let latest = -1;
  let count = 0;
  while (latest < 1_999) {
    const { method, params } = JSON.parse(await host.line());
    if (method === 'statusChanged') latest = params.status.audience.viewers;
    count += 1;
  }
  t.ok(count < 1_000, `${count} of 2,000 were sent`);
});

t.test('without control every method says unavailable, and works once it is back', async (t) => {
  const { host, control } = await program(t, { control: false });
  for (const method of ['status', 'live', 'wifi.scan', 'logs'])
    t.match(await host.call(method), { error: { code: -32053, data: { code: 'unavailable' } } }, method);
  t.match(await host.call('doctor'), { result: { healthy: false } });
  await control.start();
  t.match(await host.call('status'), { result: { device: { name: 'Stage' } } });
});

t.test('a person’s prompt is ended before an answer, and comes back with what was written', async (t) => {
  const { host } = await program(t);
  host.send('sta');
  await host.until('sta');
  host.send('\u0015');
  await host.call('status');
  host.send('dev');
  t.match(await host.until('dev'), /^onair> d(onair> )?ev|onair> dev/);
  t.match(await host.type('ices'), /this box/);
});
