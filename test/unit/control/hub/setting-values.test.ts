import { validateHeaderValue } from 'node:http';
import { RedisClient } from 'redis';
import t from 'tap';
import { listSettings } from '#core/domain/settings.ts';

const schemaOf = (key: string) => {
  const found = listSettings().find((setting) => setting.key === key);
  if (!found) throw new Error(`${key} is not a setting`);
  return found.schema;
};
const accepted = (key: string, value: string): boolean => schemaOf(key).safeParse(value).success;

/** A generator with a seed: a failure can be repeated. */
function* values(seed: number, pieces: readonly string[], count: number): Generator<string> {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
  for (let index = 0; index < count; index += 1)
    yield Array.from({ length: 1 + next(7) }, () => pieces[next(pieces.length)] ?? '').join('');
}

const pieces = [
  ...[
    'redis://',
    'rediss://',
    'ws://',
    'wss://',
    'h',
    '127.0.0.1',
    '[::1]',
    ':6379',
    ':0',
    ':65535',
    ':99999',
  ],
  ...[
    '/',
    '/0',
    '/x',
    '//',
    '?a=b',
    '#f',
    'u:p@',
    'u@',
    '%41',
    '%E0',
    '%',
    ' ',
    '\t',
    '\n',
    '\u0000',
    '\u0100',
    'ß',
  ],
];

t.test('every Redis address that the settings take can be used by the client', async (t) => {
  let taken = 0;
  for (const value of values(1, pieces, 20_000)) {
    if (!accepted('hub.redisUrl', value)) continue;
    taken += 1;
    try {
      RedisClient.parseURL(value);
    } catch (error) {
      t.fail(`${JSON.stringify(value)}: ${error}`);
    }
  }
  t.ok(taken > 100, `${taken} taken`);
});

t.test('every hub address and key that the settings take makes a connection', async (t) => {
  let taken = 0;
  const seen = new Set<string>();
  for (const value of values(2, pieces, 20_000)) {
    if (accepted('hub.key', value)) {
      taken += 1;
      try {
        validateHeaderValue('authorization', `Bearer ${value}`);
      } catch (error) {
        t.fail(`${JSON.stringify(value)}: ${error}`);
      }
    }
    if (!accepted('hub.url', value)) continue;
    if (seen.has(value) || seen.size === 200) continue;
    seen.add(value);
    const url = new URL('/ws/device', value);
    if (url.username !== '' || url.password !== '') t.fail(`${value} has credentials`);
    // What the constructor of WebSocket refuses.
    t.match(url.protocol, /^wss?:$/, value);
    t.notSame(url.hostname, '', value);
    t.equal(url.hash, '', value);
  }
  t.ok(taken > 100, `${taken} taken`);
});
