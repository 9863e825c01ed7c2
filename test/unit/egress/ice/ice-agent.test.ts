import { randomBytes } from 'node:crypto';
import { mock } from 'node:test';
import t from 'tap';
import { askerOf, IceAgent } from '#egress/ice/ice-agent.ts';
import { addressBytes, type NetworkPath, pathTo, remoteAddress } from '#egress/ice/network-path.ts';
import {
  isAuthentic,
  parseStun,
  type StunMessage,
  stunAttribute,
  stunType,
  writeStun,
  xorMappedAddress,
} from '#egress/ice/stun-message.ts';

const remote = { ufrag: 'theirs', password: 'p'.repeat(22) };

/** An agent and what it says; nothing goes over a network. */
function agent() {
  const said: string[] = [];
  const sent: { path: NetworkPath; bytes: Buffer }[] = [];
  const ice = new IceAgent(7, remote, {
    send: (path, bytes) => sent.push({ path, bytes }),
    authenticated: (path) => said.push(`authenticated ${remoteAddress(path).join('.')}`),
    selected: (path) => said.push(`selected ${remoteAddress(path).join('.')}`),
    consentLost: () => said.push('consent lost'),
  });
  t.teardown(() => ice.close());
  const request = (
    path: NetworkPath,
    {
      password = ice.local.password,
      username = `${ice.local.ufrag}:theirs`,
      extra = [] as [number, Buffer][],
    } = {},
  ): void => {
    const attributes: [number, Buffer][] = [[stunAttribute.username, Buffer.from(username)], ...extra];
    const message = parseStun(writeStun(stunType.request, randomBytes(12), attributes, password));
    if (message) ice.handleRequest(message, path);
  };
  /** Answers our checks on this path. */
  const answer = (path: NetworkPath, password = remote.password): void => {
    for (const each of sent.splice(0)) {
      const message = parseStun(each.bytes);
      if (message?.type !== stunType.request || !each.path.subarray(0, 22).equals(path.subarray(0, 22)))
        continue;
      const id = Buffer.from(message.transactionId, 'hex');
      const mapped = xorMappedAddress(Buffer.from([192, 0, 2, 9]), 9, id);
      const bytes = writeStun(stunType.success, id, [[stunAttribute.xorMappedAddress, mapped]], password);
      const response = parseStun(bytes);
      if (response) ice.handleResponse(response, path);
    }
  };
  const last = (): StunMessage | null => parseStun(sent.at(-1)?.bytes ?? Buffer.alloc(0));
  return { ice, said, sent, request, answer, last };
}

const nominates: [number, Buffer][] = [[stunAttribute.useCandidate, Buffer.alloc(0)]];
const here = pathTo('192.0.2.1', 5_000);
const there = pathTo('192.0.2.2', 5_000);

t.test('a path is taken once it is nominated and answers our own check', async (t) => {
  const { said, request, answer, sent } = agent();
  request(here);
  t.same(said, ['authenticated 192.0.2.1']);
  const [response, check] = sent.map(({ bytes }) => parseStun(bytes));
  t.equal(response?.type, stunType.success);
  t.equal(check?.type, stunType.request, 'the triggered check');
  t.ok(check && isAuthentic(check, remote.password));
  t.equal(askerOf(check?.transactionId ?? ''), 7);
  request(here, { extra: nominates });
  t.same(said, ['authenticated 192.0.2.1'], 'nominated, and not answered: the address may be forged');
  answer(here, 'q'.repeat(22));
  t.notMatch(said, ['selected'], 'nor by somebody else');
});

t.test('in either order', async (t) => {
  const { said, request, answer } = agent();
  request(here);
  answer(here);
  t.same(said, ['authenticated 192.0.2.1']);
  request(here, { extra: nominates });
  t.same(said, ['authenticated 192.0.2.1', 'selected 192.0.2.1']);
});

t.test('who does not know the password is not answered', async (t) => {
  const { said, sent, request } = agent();
  request(here, { password: 'wrong'.repeat(5) });
  request(here, { username: 'other:theirs' });
  t.same([said, sent], [[], []]);
});

t.test(
  "a viewer's candidates are checked, one every 50 ms; those that can't be reached are not",
  async (t) => {
    const { ice, sent } = agent();
    ice.addRemoteCandidate('candidate:1 1 UDP 100 192.0.2.1 5000 typ host');
    ice.addRemoteCandidate('candidate:1 1 UDP 100 192.0.2.1 5000 typ host');
    ice.addRemoteCandidate('candidate:2 1 UDP 100 fe80::1 5000 typ host');
    await new Promise((resolve) => setImmediate(() => setTimeout(resolve, 0)));
    t.ok(sent.length <= 1);
    for (const { path } of sent) t.same(remoteAddress(path), Buffer.from([192, 0, 2, 1]));
  },
);

t.test('new credentials: the old ones keep the path alive, the new ones choose', async (t) => {
  const { ice, said, request, answer, last } = agent();
  request(here, { extra: nominates });
  answer(here);
  const old = { ...ice.local };
  const fresh = ice.restart({ ufrag: 'newer', password: 'n'.repeat(22) });
  t.not(fresh.ufrag, old.ufrag);
  t.not(fresh.password, old.password);
  request(here, { username: `${old.ufrag}:theirs`, password: old.password });
  t.equal(last()?.type, stunType.success, 'the old check is answered');
  request(there, { username: `${fresh.ufrag}:newer`, extra: nominates });
  t.equal(last()?.attributes.get(stunAttribute.username)?.toString(), `newer:${fresh.ufrag}`);
  answer(there, 'n'.repeat(22));
  t.equal(said.at(-1), 'selected 192.0.2.2');
});

t.test('both controlled: the larger number becomes controlling', async (t) => {
  const { request, last, sent } = agent();
  request(here, { extra: [[stunAttribute.iceControlled, Buffer.alloc(8, 0xff)]] });
  t.equal(last()?.type, stunType.error);
  t.same(last()?.attributes.get(stunAttribute.errorCode)?.subarray(2, 4), Buffer.from([4, 87]));
  sent.splice(0);
  request(here, { extra: [[stunAttribute.iceControlled, Buffer.alloc(8, 0)]] });
  t.ok(last()?.attributes.has(stunAttribute.iceControlling));
});

t.test('addresses', async (t) => {
  t.equal(addressBytes('192.0.2.1').toString('hex'), '00000000000000000000ffffc0000201');
  t.equal(addressBytes('2001:db8::1:2').toString('hex'), '20010db8000000000000000000010002');
  t.equal(addressBytes('::').toString('hex'), '0'.repeat(32));
  t.equal(addressBytes('::ffff:192.0.2.1').toString('hex'), '00000000000000000000ffffc0000201');
});

t.test('broken messages are no messages', async (t) => {
  const whole = writeStun(
    stunType.request,
    randomBytes(12),
    [[stunAttribute.username, Buffer.from('a:b')]],
    'p',
  );
  t.ok(parseStun(whole));
  for (let cut = 0; cut < whole.length; cut += 1) t.equal(parseStun(whole.subarray(0, cut)), null);
  for (let at = 0; at < whole.length; at += 1) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.equal(parseStun(changed), null, `byte ${at}`);
  }
  const { ice } = agent();
  for (let input = 0; input < 20_000; input += 1) {
    const bytes = Buffer.from(whole);
    for (let change = 0; change < 4; change += 1)
      bytes[Math.floor(Math.random() * bytes.length)] = Math.floor(Math.random() * 256);
    const message = parseStun(bytes);
    if (message) ice.handleRequest(message, here);
    const noise = randomBytes(Math.floor(Math.random() * 64));
    if (parseStun(noise)) t.fail('noise taken for STUN');
  }
});

for (const order of ['nominated, then answered', 'answered, then nominated'] as const) {
  t.test(`consent ends 30 s after the last answer: ${order}`, (t) => {
    let nowMs = 0;
    t.intercept(performance, 'now', { value: () => nowMs });
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    const { said, request, answer } = agent();
    const pass = (seconds: number): void => {
      for (let second = 0; second < seconds; second++) {
        nowMs += 1_000;
        mock.timers.tick(1_000);
      }
    };
    const first = order.startsWith('nominated');
    request(here, { extra: first ? nominates : [] });
    answer(here);
    if (!first) request(here, { extra: nominates });
    for (let round = 0; round < 30; round++) {
      pass(2);
      answer(here);
    }
    t.notMatch(said, ['consent lost'], 'a minute with answers');
    pass(24);
    t.notMatch(said, ['consent lost']);
    pass(13);
    t.match(said.at(-1), 'consent lost');
    t.end();
  });
}
