import type { z } from 'zod';

/** What a schema found, as one readable sentence. */
export function explain(error: z.ZodError): string {
  return `${issuesOf(error)}.`;
}

/**
 * The same without its full stop.
 * @param at the key of what was checked
 */
export function issuesOf(error: z.ZodError, at = ''): string {
  return error.issues
    .slice(0, 8)
    .map((issue) => {
      const key = [at, ...issue.path].filter((part) => part !== '').join('.');
      const message = wordsOf(issue);
      return key === ''
        ? capitalized(message)
        : `${key}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
    })
    .join('; ');
}

/** What the library says by itself, which is meant for programmers; whatever else a schema says is kept. */
const ofTheLibrary = /^(Invalid|Too (small|big)|Unrecognized)\b/;

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const formatNames: Readonly<Record<string, string>> = {
  url: 'an address such as https://example.com',
  email: 'an e-mail address',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  uuid: 'a UUID',
  datetime: 'a date with its time',
};

/** What one issue says, without its key: "must not be empty". */
export function wordsOf(issue: z.core.$ZodIssue): string {
  if ('discriminator' in issue) return 'There is no such one';
  if (!ofTheLibrary.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      if (/received undefined$/.test(issue.message)) return 'is missing';
      return `must be ${typeNames[issue.expected] ?? `a ${issue.expected}`}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return `must be ${listed(issue.values.map(String))}`;
    case 'unrecognized_keys':
      return `has no field ${listed(issue.keys.map((key) => `"${key}"`))}`;
    case 'invalid_format': {
      const name = formatNames[issue.format];
      return name === undefined ? 'does not have the form that it needs' : `must be ${name}`;
    }
    default:
      return 'is none of the forms that it can have';
  }
}

function bound(origin: string, how: string, limit: number | bigint): string {
  if (origin === 'string') {
    if (how === 'at least' && limit === 1) return 'must not be empty';
    return `must have ${how} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  }
  if (origin === 'array' || origin === 'set')
    return `must have ${how} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `must be ${how} ${limit}`;
}

/** "a, b or c" */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
