import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

/** By jsonc-parser's names of what is wrong. */
const words: Readonly<Record<string, string>> = {
  InvalidSymbol: 'there is a word that is not a value: text needs double quotes',
  InvalidNumberFormat: 'a number is wrong',
  PropertyNameExpected: 'a name in double quotes is missing',
  ValueExpected: 'a value is missing',
  ColonExpected: 'a colon is missing',
  CommaExpected: 'a comma is missing at the end of the line before, or in this one',
  CloseBraceExpected: 'a closing brace is missing',
  CloseBracketExpected: 'a closing bracket is missing',
  EndOfFileExpected: 'something follows after the end',
  UnexpectedEndOfComment: 'a comment does not end',
  UnexpectedEndOfString: 'a double quote is missing',
  InvalidCharacter: 'there is a character that may not be there',
  InvalidEscapeCharacter: 'a backslash is followed by something that it does not go with',
};

/**
 * JSON as people write it: a byte order mark, comments and commas at the end of a list do no harm.
 * @throws Error that names the line, and quotes nothing of the text, which may be a secret and goes into the log
 */
export function readHandwrittenJson(text: string): unknown {
  const plain = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(plain);
  } catch {
    // Then it takes more patience.
  }
  if (plain.includes('\0') || plain.trim() === '')
    throw new Error(`it holds no text (${Buffer.byteLength(text)} bytes)`);
  const errors: ParseError[] = [];
  const value: unknown = parse(plain, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (!first) return value;
  const line = plain.slice(0, first.offset).split('\n').length;
  throw new Error(`line ${line}: ${words[printParseErrorCode(first.error)] ?? 'it is not JSON'}`);
}
