/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { readFileSync } from 'node:fs';
import t from 'tap';
import { listSettings } from '#core/domain/settings.ts';
import { helpWords } from '#web-ui/help/words.ts';
import { type Language, languageOf, speaker, type Words } from '#web-ui/page/language.ts';
import { problemText, problemWords } from '#web-ui/page/problem-words.ts';
import { roomWords } from '#web-ui/room/words.ts';
import { shareWords } from '#web-ui/share/words.ts';
import { cameraWords } from '#web-ui/studio/words/camera-words.ts';
import { germanFindings } from '#web-ui/studio/words/german-findings.ts';
import { germanSettings } from '#web-ui/studio/words/german-settings.ts';
import { overlayWords } from '#web-ui/studio/words/overlay-words.ts';
import { studioWords } from '#web-ui/studio/words/studio-words.ts';
import { words as trustWords } from '#web-ui/trust/words.ts';
import { viewerWords } from '#web-ui/viewer/words.ts';

t.test('the first language that is spoken here', async (t) => {
  const table: [string[], Language][] = [
    [['de-AT', 'en'], 'de'],
    [['fr', 'de'], 'de'],
    [['EN-us'], 'en'],
    [['den'], 'en'],
    [['fr-CA', 'ar'], 'en'],
    [[], 'en'],
  ];
  for (const [preferred, language] of table) t.equal(languageOf(preferred), language, preferred.join());
});

t.test('values stand where they belong, as they are', async (t) => {
  const say = speaker({ en: { hello: '{name}: {count}, {name}' }, de: { hello: '' } }, 'en');
  t.equal(say('hello', { name: '<b>$&{count}', count: 3 }), '<b>$&{count}: 3, <b>$&{count}');
  t.equal(say('hello', {}), '{name}: {count}, {name}', 'a value that is missing shows');
});

t.test('problems are told in the page’s language, by their code', async (t) => {
  const problem = { code: 'rate-limited', message: 'Too many messages.', action: 'Wait.' };
  t.equal(problemText('en', problem), 'Too many messages. Wait.', 'the box’s own words are English');
  t.equal(problemText('de', problem), problemWords.de['rate-limited']);
  t.equal(problemText('de', { code: 'room_not_found', message: 'x' }), problemWords.de['not-found']);
  t.equal(problemText('de', { code: 'toString', message: 'x' }), problemWords.de.internal);
});

const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

t.test('every word is there in each language, with the same values in it', async (t) => {
  const tables: Record<string, Words<string>> = {
    ...{
      viewerWords,
      shareWords,
      helpWords,
      roomWords,
      trustWords,
      problemWords,
      studioWords,
      cameraWords,
      overlayWords,
    },
  };
  for (const [name, { en, de }] of Object.entries(tables)) {
    t.same(Object.keys(de).sort(), Object.keys(en).sort(), name);
    for (const [key, text] of Object.entries(en)) {
      const other = de[key] ?? '';
      if (text === '' || other === '') t.fail(`${name}.${key} says nothing`);
      if (places(text).join() !== places(other).join()) t.fail(`${name}.${key} has other values: ${other}`);
    }
  }
});

t.test('every setting of the box has German words (web-ui/studio/words/german-settings.ts)', async (t) => {
  const missing = listSettings()
    .filter(({ key, meta }) => !meta.fixed && germanSettings[key] === undefined)
    .map(({ key }) => key);
  t.same(missing, []);
});

t.test('every reason why pictures are missing has German words (german-findings.ts)', async (t) => {
  const source = readFileSync('services/media/reasons.ts', 'utf8');
  const codes = [...source.matchAll(/^ {2}'([a-z-]+)': \[/gm)].flatMap(([, code]) => code ?? []);
  t.ok(codes.length > 15, 'they were found');
  const missing = codes.filter((code) => germanFindings[code] === undefined);
  t.same(missing, []);
});

t.test('so has every reason why a destination gets nothing', async (t) => {
  const source = readFileSync('services/outputs/failure.ts', 'utf8');
  const codes = [...source.matchAll(/reason\(\s*'([a-z-]+)'/g)].flatMap(([, code]) => code ?? []);
  t.ok(codes.length > 10, 'they were found');
  t.same(
    codes.filter((code) => germanFindings[code] === undefined),
    [],
  );
  t.notOk(codes.includes('unreachable'), 'which is the box itself, to a page');
});
