import t from 'tap';
import { z } from 'zod';
import { answer, serve, streamed } from '#control/http/serve.ts';
import { ApiClient, type ApiError } from '#core/protocol/client.ts';
import { endpoint, pathFor } from '#core/protocol/endpoint.ts';
import { ask } from '#test/support/ask.ts';
import { httpTransport } from '#test/support/http-transport.ts';
import { webServer } from '#test/support/web-server.ts';

const readThing = endpoint({
  method: 'GET',
  path: '/things/:thing/parts/:part.mp4',
  who: 'everybody',
  parameters: z.strictObject({ size: z.coerce.number().int().max(10).default(3) }),
  answers: { 200: z.object({ thing: z.string(), part: z.string(), size: z.number() }) },
  summary: 'A thing',
  tag: 'things',
});
const makeThing = endpoint({
  method: 'POST',
  path: '/things',
  who: 'operator',
  body: z.strictObject({ name: z.string().min(1) }),
  answers: { 201: z.object({ id: z.string() }), 202: { description: 'Later' } },
  errors: ['conflict'],
  summary: 'Makes one',
  tag: 'things',
});
const removeThing = endpoint({
  method: 'DELETE',
  path: '/things/:thing',
  who: 'box',
  answers: { 204: { description: 'It is gone' } },
  summary: 'Removes one',
  tag: 'things',
});
const offerThing = endpoint({
  method: 'POST',
  path: '/offer',
  who: 'viewer',
  anyOrigin: true,
  body: { type: 'application/sdp' },
  answers: { 201: { type: 'application/sdp' } },
  summary: 'Offers',
  tag: 'things',
});
const followThings = endpoint({
  method: 'GET',
  path: '/lines',
  who: 'everybody',
  answers: { 200: { type: 'application/jsonl', data: z.object({ n: z.number() }) } },
  summary: 'Lines',
  tag: 'things',
});

const routes = [
  serve(readThing, ({ params, query }) => ({ ...params, size: query.size })),
  serve(makeThing, ({ body }) =>
    body.name === 'later' ? answer(202, null) : answer(201, { id: body.name }, { location: '/things/1' }),
  ),
  serve(removeThing, () => undefined),
  serve(offerThing, ({ body, viewer }) => answer(201, `${viewer?.id} ${body}`)),
  serve(followThings, ({ response }) => {
    response
      .writeHead(200, { 'content-type': 'application/jsonl' })
      .end('{"n":1}\n{"n":2}\nno json\n{"n":3}');
    return streamed;
  }),
];

const refused = async (call: Promise<unknown>): Promise<unknown> =>
  await call.then(
    () => 'nothing was refused',
    (error: ApiError) => error,
  );

t.test('path, query and body arrive parsed; what does not fit is refused with its name', async (t) => {
  const { url } = await webServer(t, { routes, operator: () => ({ id: 'anna' }) });
  const client = new ApiClient(httpTransport(url));
  const params = { thing: 'a/b', part: 'x' };
  t.same(await client.call(readThing, { params }), { ...params, size: 3 });
  t.same(await client.call(readThing, { params, query: { size: 7 } }), { ...params, size: 7 });
  t.match(await refused(client.call(readThing, { params, query: { size: 11 } })), {
    status: 400,
    code: 'invalid-message',
    message: /size/,
  });
  t.match(await ask('GET', `${url}${pathFor(readThing, params)}?colour=red`), { status: 400 });
  t.match(await ask('GET', `${url}/things/a/parts/x.mp3`), { status: 404 });
  t.same(await client.call(makeThing, { body: { name: 'one' } }), { id: 'one' });
  t.match(
    await ask('POST', `${url}/things`, {
      headers: { 'content-type': 'application/json' },
      body: '{"name":"one"}',
    }),
    {
      status: 201,
      headers: { location: '/things/1' },
    },
  );
  t.equal(await client.call(makeThing, { body: { name: 'later' } }), null);
  t.match(await refused(client.call(makeThing, { body: { name: '' } })), { status: 400, message: /name/ });
});

t.test('who may is checked before anything is read', async (t) => {
  const { url } = await webServer(t, { routes });
  const client = new ApiClient(httpTransport(url));
  t.match(await refused(client.call(makeThing, { body: { name: '' } })), { status: 401, action: /button/ });
  t.match(await refused(client.call(removeThing, { params: { thing: 'a' } })), {
    status: 403,
    action: /USB/,
  });
  const link = await webServer(t, { routes, authority: 'link' });
  const local = new ApiClient<'operator'>(httpTransport(link.url));
  t.equal(await local.call(removeThing, { params: { thing: 'a' } }), null);
});

t.test('a body that is not JSON comes as its text, for the viewer who sends it', async (t) => {
  const { url } = await webServer(t, { routes });
  const client = new ApiClient(httpTransport(url));
  t.equal(await client.call(offerThing, { body: 'v=0' }), 'null v=0');
  t.match(await ask('POST', `${url}/offer`, { headers: { 'content-type': 'text/plain' }, body: 'v=0' }), {
    status: 415,
  });
  const preflight = await ask('OPTIONS', `${url}/offer`);
  t.match(preflight, { status: 200, headers: { 'accept-post': 'application/sdp' } });
});

t.test('lines come one by one, and what is no line of JSON is left out', async (t) => {
  const { url } = await webServer(t, { routes });
  const got: number[] = [];
  await new ApiClient(httpTransport(url)).lines(followThings, {}, ({ n }) => got.push(n));
  t.same(got, [1, 2, 3]);
});
