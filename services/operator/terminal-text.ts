/** What could steer a terminal: control characters but the line end, and those that turn the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g;

/** Text that may hold the words of others, such as a network's name, without what could steer the terminal. */
export function terminalText(text: string): string {
  return text.replaceAll(steering, '?');
}
