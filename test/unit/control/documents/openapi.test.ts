import t from 'tap';
import { openApiOf, problemStatusesOf } from '#control/documents/openapi.ts';
import { addOutput } from '#core/protocol/endpoints/outputs.ts';
import { changeSettings, getSettings } from '#core/protocol/endpoints/settings.ts';
import { endpoints } from '#core/protocol/endpoints/table.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document is looked into
const document = openApiOf(endpoints) as any;

t.test('every refusal of an endpoint is in its description', async (t) => {
  t.same(problemStatusesOf(getSettings), [401, 403]);
  t.same(problemStatusesOf(changeSettings), [400, 401, 403, 409, 413, 415, 503]);
  const { post } = document.paths['/api/v1/outputs'];
  for (const status of problemStatusesOf(addOutput))
    t.match(post.responses[status], { $ref: '#/components/responses/Problem' }, String(status));
  t.match(post.responses[201], { content: { 'application/json': {} } });
});

t.test('a body is required where an empty one will not do', async (t) => {
  t.equal(document.paths['/api/v1/outputs'].post.requestBody.required, true);
  t.equal(document.paths['/whep'].post.requestBody.required, true);
  t.equal(document.paths['/api/v1/pairing'].post.requestBody.required, false);
});

t.test(
  'a change of the settings is closed: each setting that may be changed, null, and nothing else',
  async (t) => {
    const { SettingsPatch } = document.components.schemas;
    t.equal(SettingsPatch.additionalProperties, false);
    t.equal(SettingsPatch.properties.video.additionalProperties, false);
    t.match(SettingsPatch.properties.video.properties.width.anyOf, [{ type: 'integer' }, { type: 'null' }]);
    t.equal(SettingsPatch.properties.viewing.properties.pin.writeOnly, true);
    t.equal(SettingsPatch.properties.device.properties.id, undefined, 'who the box is stays');
  },
);
