import t from 'tap';
import { z } from 'zod';
import { explain } from '#core/domain/explain.ts';

const schema = z.strictObject({
  name: z.string().min(1).max(8),
  count: z.number().int().min(2).max(5),
  way: z.enum(['hls', 'webrtc']),
  on: z.boolean(),
  list: z.array(z.string()).max(1),
  url: z.url(),
  either: z.union([z.string(), z.number()]),
  even: z.number().multipleOf(2),
  above: z.number().positive(),
  shaped: z.string().regex(/^a/),
  own: z.string().refine((text) => text === 'x', 'must be x'),
  kind: z.discriminatedUnion('type', [z.object({ type: z.literal('a') })]),
});
const right = {
  ...{ name: 'a', count: 2, way: 'hls', on: true, list: [], url: 'https://a.example', either: 1 },
  ...{ even: 2, above: 1, shaped: 'a', own: 'x', kind: { type: 'a' } },
};

const said = (change: object): string => {
  const { error } = schema.safeParse({ ...right, ...change });
  return error ? explain(error) : 'right';
};

t.test('what a schema finds is said in words of people, not of programmers', async (t) => {
  for (const [change, sentence] of [
    [{}, 'right'],
    [{ name: 5 }, 'name: must be a text.'],
    [{ name: '' }, 'name: must not be empty.'],
    [{ name: 'too long for it' }, 'name: must have at most 8 characters.'],
    [{ name: undefined }, 'name: is missing.'],
    [{ count: 'three' }, 'count: must be a number.'],
    [{ count: 2.5 }, 'count: must be a whole number.'],
    [{ count: 1 }, 'count: must be at least 2.'],
    [{ count: 6 }, 'count: must be at most 5.'],
    [{ above: 0 }, 'above: must be more than 0.'],
    [{ even: 3 }, 'even: must be a multiple of 2.'],
    [{ way: 'smoke' }, 'way: must be hls or webrtc.'],
    [{ on: 'yes' }, 'on: must be true or false.'],
    [{ list: 'a' }, 'list: must be a list.'],
    [{ list: ['a', 'b'] }, 'list: must have at most 1 entry.'],
    [{ list: [1] }, 'list.0: must be a text.'],
    [{ url: 'nowhere' }, 'url: must be an address such as https://example.com.'],
    [{ either: true }, 'either: is none of the forms that it can have.'],
    [{ shaped: 'b' }, 'shaped: does not have the form that it needs.'],
    [{ own: 'y' }, 'own: must be x.'],
    [{ kind: { type: 'b' } }, 'kind.type: there is no such one.'],
    [{ more: 1, evenMore: 2 }, 'Has no field "more" or "evenMore".'],
    [{ name: '', on: 1 }, 'name: must not be empty; on: must be true or false.'],
  ] as const)
    t.equal(said(change), sentence);
});
