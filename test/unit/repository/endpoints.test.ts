import t from 'tap';
import { ApiClient } from '#core/protocol/client.ts';
import { endpoints } from '#core/protocol/endpoints/table.ts';
import { joinWifi } from '#core/protocol/endpoints/wifi.ts';
import { readText, sourceFiles } from '#test/support/source-files.ts';

// The HTTP API is declared in core/protocol/endpoints, and nowhere else.

const sources = async (): Promise<string[]> => [
  ...(await sourceFiles('services')).filter((file) => !file.startsWith('services/core/protocol/')),
  ...(await sourceFiles('web-ui')),
];

/** Without comments, where paths may well be named. What Redis runs calls its commands by such names too. */
const codeOf = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');

t.test('no path and no method of the API is written outside its table', async (t) => {
  const wrong: string[] = [];
  for (const file of await sources()) {
    const code = codeOf(await readText(file));
    for (const [found] of code.matchAll(/['"`]\/(api|whep|whip|hls|metrics|ws)\b[^'"`]*/g))
      wrong.push(`${file}: ${found}`);
    for (const [found] of code.matchAll(
      /(?<!redis\.)\b(call|fetch|ask|request)\w*\(\s*['"](GET|POST|PUT|PATCH|DELETE)['"]/g,
    ))
      wrong.push(`${file}: ${found}`);
    if (file.startsWith('web-ui/setup/over-usb/')) continue; // calls of the serial line, which has a table of its own
    for (const [found] of code.matchAll(/\.(call|lines|follow)<[A-Z]/g)) wrong.push(`${file}: ${found}`);
  }
  t.strictSame(wrong, []);
});

t.test('each endpoint is declared once', async (t) => {
  const names = endpoints.map(({ method, path }) => `${method} ${path.replace(/:\w+/g, ':')}`);
  t.equal(new Set(names).size, names.length);
  t.ok(names.length > 40, 'they were found');
});

t.test('joining a Wi-Fi has one time limit for every client', async (t) => {
  const waited: (number | null)[] = [];
  const client = new ApiClient(async ({ timeoutMs }) => {
    waited.push(timeoutMs);
    return { status: 200, header: () => null, text: async () => '{}', pieces: async function* () {} };
  });
  await client.call(joinWifi, { body: { ssid: 'Home' } });
  t.same(waited, [joinWifi.timeoutMs]);
  const others: string[] = [];
  for (const file of await sources()) {
    const code = codeOf(await readText(file));
    for (const [found] of code.matchAll(/call\(joinWifi,[^;]*?timeoutMs[^;]*/g))
      if (!file.endsWith('improv.ts')) others.push(`${file}: ${found}`); // its clients give up after 30 s
  }
  t.strictSame(others, []);
});
