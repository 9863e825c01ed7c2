import fc from 'fast-check';

/** A frame of a hostile client, text or binary. */
export type FuzzFrame = { text: string } | { bytes: Buffer };

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const deep = (depth: number): Json => {
  let nested: Json = 'bottom';
  for (let level = 0; level < depth; level += 1) nested = level % 2 === 0 ? [nested] : { payload: nested };
  return nested;
};

/** What fields don't expect: other types, numbers at their ends, huge and broken text, deep nesting. */
const hostileValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Json>(null, true, false, '', [], {}, [[]], [null], 'null') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Json>(
      ...[-1, 0, -0, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, -(2 ** 63), 1e21, 4_294_967_296],
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Json>(
      'x'.repeat(65),
      'x'.repeat(3_000),
      'é'.repeat(2_500),
      '\u0000',
      '\ud800',
      '\udfff\ud800',
      '\u202e\u2066',
      '🏳️‍🌈'.repeat(40),
      '../../../etc/passwd',
      '; reboot #',
      '! fakesink',
      '__proto__',
      'constructor',
      '2026-13-45T99:99:99Z',
      'v=0\r\n',
      `v=0\r\n${'a=x\r\n'.repeat(500)}`,
      '%00%ff',
    ),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 800 }).map(deep) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 2, arbitrary: fc.double() as fc.Arbitrary<Json> },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json> },
);

const change = fc.record({
  at: fc.nat(1_000),
  how: fc.constantFrom('drop', 'replace', 'replace', 'replace', 'duplicate', 'add', 'wrap', 'prototype'),
  value: hostileValue,
});

interface Place {
  parent: { [name: string]: Json } | Json[];
  name: string | number;
}

/** Every field of a message, those inside others too. */
function placesIn(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value;
  const names = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return names.flatMap((name) => [
    { parent, name },
    ...placesIn((parent as Record<string | number, Json>)[name] ?? null),
  ]);
}

function apply(message: Json, change: { at: number; how: string; value: Json }): Json {
  const { at, how } = change;
  const value = structuredClone(change.value); // samples share their constants
  const places = placesIn(message);
  const place = places[at % Math.max(places.length, 1)];
  if (!place) return value;
  const parent = place.parent as Record<string | number, Json>;
  const former = parent[place.name] ?? null;
  if (how === 'drop') delete parent[place.name];
  else if (how === 'replace') parent[place.name] = value;
  else if (how === 'duplicate' && !Array.isArray(parent)) parent[`${place.name}s`] = structuredClone(former);
  else if (how === 'add' && Array.isArray(parent)) parent.push(value);
  else if (how === 'add') parent[typeof value === 'string' ? value.slice(0, 50) : 'extra'] = value;
  else if (how === 'wrap') parent[place.name] = [former];
  else parent[place.name] = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}');
  return message;
}

/** JSON that is broken, or says a thing twice. */
const breakText = fc.constantFrom<(text: string) => FuzzFrame>(
  (text) => ({ text: text.slice(0, text.length >> 1) }),
  (text) => ({ text: text.replace('{', '{"type":"join","event":"ping","v":2,') }),
  (text) => ({ text: `\ufeff${text}` }),
  (text) => ({ text: text + text }),
  (text) => ({ text: '['.repeat(text.length) }),
  (text) => ({ text: text.replaceAll('"', "'") }),
  () => ({ text: '' }),
  (text) => ({ bytes: Buffer.from(text) }),
);

/** Messages made of valid examples: some as they are, most with one to three things wrong, some not even JSON. */
export function fuzzFrames(examples: readonly unknown[]): fc.Arbitrary<FuzzFrame> {
  const example = fc.constantFrom(...(examples as Json[]));
  const asIs = example.map((message): FuzzFrame => ({ text: JSON.stringify(message) }));
  const changed = fc
    .tuple(example, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([message, changes]): FuzzFrame => {
      const broken = changes.reduce<Json>((so, each) => apply(so, each), structuredClone(message));
      return { text: JSON.stringify(broken) ?? 'null' };
    });
  const broken = fc
    .tuple(example, breakText)
    .map(([message, breakIt]): FuzzFrame => breakIt(JSON.stringify(message)));
  return fc.oneof(
    { weight: 2, arbitrary: asIs },
    { weight: 12, arbitrary: changed },
    { weight: 1, arbitrary: broken },
  );
}

/** The same frames for the same seed. */
export function sampleFrames(examples: readonly unknown[], count: number, seed: number): FuzzFrame[] {
  return fc.sample(fuzzFrames(examples), { numRuns: count, seed });
}
