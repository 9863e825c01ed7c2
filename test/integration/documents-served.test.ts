import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { readText } from '../support/source-files.ts';

// A running box says of itself what docs/ says of it: the tables that make docs reads are the ones that are served.

t.test('openapi.json and asyncapi.json as in docs/', async (t) => {
  const appliance = await Appliance.start();
  t.teardown(() => appliance.close());
  for (const name of ['openapi', 'asyncapi']) {
    const url = `${await appliance.origin()}/api/${name}.json`;
    const answer = await fetch(url);
    t.equal(answer.status, 200);
    t.match(answer.headers.get('content-type'), /^application\/json/);
    t.strictSame(await answer.json(), JSON.parse(await readText(`docs/${name}.json`)), name);
    const etag = answer.headers.get('etag') ?? '';
    const again = await fetch(url, { headers: { 'if-none-match': etag } });
    t.equal(again.status, 304);
    t.equal(await again.text(), '');
    t.equal((await fetch(url, { headers: { 'if-none-match': '"other"' } })).status, 200);
    const head = await fetch(url, { method: 'HEAD' });
    t.equal(head.headers.get('etag'), etag);
    t.equal(await head.text(), '');
  }
});
