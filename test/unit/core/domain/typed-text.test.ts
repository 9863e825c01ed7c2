import t from 'tap';
import { valueFromText } from '#core/domain/setting-text.ts';
import { listSettings } from '#core/domain/settings.ts';
import { typedLines, typedText } from '#core/domain/typed-text.ts';

t.test('text that people type is trimmed, and shows something', async (t) => {
  const schema = typedText(64).min(1);
  for (const [typed, kept] of [
    ['  Kitchen ', 'Kitchen'],
    ['Küche 📷', 'Küche 📷'],
    ['👩\u200d🍳', '👩\u200d🍳'],
    ['مطبخ', 'مطبخ'],
  ])
    t.equal(schema.parse(typed), kept);
  const refused = [
    '',
    '   ',
    '\u200b',
    '\u2060\u200d',
    '\u3164\uffa0',
    '\u2800',
    'a\nb',
    'a\u202eb',
    'a\u2066b',
    'a\u0085b',
    'a\u0000b',
    '\ud800',
  ];
  for (const typed of refused) t.notOk(schema.safeParse(typed).success, JSON.stringify(typed));
});

t.test('what is said in a chat may have lines, and nothing else besides', async (t) => {
  const schema = typedLines(2_000).min(1);
  t.equal(schema.parse(' one\r\n\ttwo\n'), 'one\r\n\ttwo');
  for (const typed of ['\n\n', 'a\rb', 'a\u009bb', 'a\u202eb', '\udc00', '\u3164'])
    t.notOk(schema.safeParse(typed).success, JSON.stringify(typed));
});

t.test('a value on the command line is of the kind that its setting takes', async (t) => {
  const meant = (key: string, text: string): unknown => {
    const setting = listSettings().find((one) => one.key === key);
    if (!setting) throw new Error(key);
    return valueFromText(setting.schema, text);
  };
  t.equal(meant('viewing.pin', '1'), '1', 'too short, and text all the same');
  t.equal(meant('viewing.pin', '4711'), '4711');
  t.equal(meant('viewing.pin', 'null'), null);
  t.equal(meant('viewing.maxViewers', '20'), 20);
  t.equal(meant('viewing.maxViewers', '0'), 0, 'out of bounds, and a number all the same');
  t.equal(meant('broadcast.resumeOnBoot', 'true'), true);
  t.same(meant('network.allowedHosts', '["a.b"]'), ['a.b']);
  t.equal(meant('device.name', '12'), '12');
});
