import { Parser } from '@asyncapi/parser';
import { Validator } from '@seriousme/openapi-schema-validator';
import t from 'tap';
import { channels } from '#core/protocol/channels/table.ts';
import { readText, sourceFiles } from '#test/support/source-files.ts';
import { generatedFiles } from '../../../bin/generate-docs-files.ts';

// What docs/ says of the API and the protocols is what the schemas say, and programs can read it.

const files = generatedFiles();

t.test('docs/ is current (make docs)', async (t) => {
  for (const [path, text] of Object.entries(files)) {
    t.ok((await readText(path)) === text, `${path} is what make docs writes`);
  }
});

t.test('openapi.json is valid OpenAPI 3.1', async (t) => {
  const document = JSON.parse(files['docs/openapi.json'] ?? '');
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  t.ok(valid, JSON.stringify(errors));
  t.equal(validator.version, '3.1');
  const broken = await new Validator().validate({ ...document, paths: { nowhere: 1 } });
  t.notOk(broken.valid, 'the validator does look');

  const named = Object.keys(document.components.schemas);
  const referred = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
    ([, name]) => name,
  );
  t.strictSame(
    referred.filter((name) => !named.includes(name ?? '')),
    [],
    'what is referred to is there',
  );
  const ids = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>)
    .flatMap((path) => Object.values(path))
    .map(({ operationId }) => operationId);
  t.equal(new Set(ids).size, ids.length, 'each operation has an id of its own');
});

t.test('asyncapi.json is valid AsyncAPI 3', async (t) => {
  const parser = new Parser();
  const text = files['docs/asyncapi.json'] ?? '';
  const { document, diagnostics } = await parser.parse(text);
  t.strictSame(
    diagnostics.filter(({ severity }) => severity === 0),
    [],
    'no errors',
  );
  t.equal(document?.version(), '3.0.0');
  t.equal(document?.channels().all().length, channels.length);
  const broken = await parser.parse(text.replace('"address"', '"adress"'));
  t.ok(
    broken.diagnostics.some(({ severity }) => severity === 0),
    'the parser does look',
  );
});

t.test('secrets are described as they are read', async (t) => {
  const { components } = JSON.parse(files['docs/openapi.json'] ?? '');
  t.match(components.schemas.Settings.properties.viewing.properties.pin, {
    properties: { set: { type: 'boolean' } },
  });
});

t.test('each file that the architecture page names is there', async (t) => {
  const page = await readText('docs/architecture.md');
  const known = new Set(await sourceFiles('services'));
  const named = [...page.matchAll(/`([\w-]+\/[\w/-]+\.ts)`/g)].map(([, path]) => `services/${path}`);
  t.ok(named.length > 50);
  t.strictSame(
    named.filter((path) => !known.has(path)),
    [],
  );
});
