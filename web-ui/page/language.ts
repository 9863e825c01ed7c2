/** What the pages speak. English is what everybody gets whose language isn't here. */
const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

/** A page's words: the same keys in each language; `{name}` stands for a value. */
export type Words<Key extends string> = Record<Language, Readonly<Record<Key, string>>>;

/** Says one of a page's words, with its values put in. */
export type Say<Key extends string> = (
  key: Key,
  values?: Readonly<Record<string, string | number>>,
) => string;

/** The first language that is spoken here. @param preferred `navigator.languages`: "de-AT", "en" */
export function languageOf(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const found = languages.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found) return found;
  }
  return 'en';
}

export function speaker<Key extends string>(words: Words<Key>, language: Language): Say<Key> {
  return (key, values = {}) =>
    words[language][key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * Says what stands in the page itself: the text of `data-say`, and the `aria-label` (and `title`, where there is
 * one) of `data-say-label`. The page's own words stay where the table has none.
 */
export function localize<Key extends string>(
  root: Document | Element,
  words: Words<Key>,
  language: Language,
): void {
  const say = speaker(words, language);
  const known = (key: string | undefined): key is Key => key !== undefined && Object.hasOwn(words.en, key);
  if (root instanceof Document) root.documentElement.lang = language;
  for (const element of root.querySelectorAll<HTMLElement>('[data-say]')) {
    const key = element.dataset.say;
    if (known(key)) element.textContent = say(key);
  }
  for (const element of root.querySelectorAll<HTMLElement>('[data-say-label]')) {
    const key = element.dataset.sayLabel;
    if (!known(key)) continue;
    element.setAttribute('aria-label', say(key));
    if (element.title !== '') element.title = say(key);
  }
}
