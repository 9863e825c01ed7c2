import { endpoint } from '../endpoint.ts';

const tag = 'documents';

const answers = {
  200: { type: 'application/json' },
  304: { description: 'As by If-None-Match' },
} as const;

export const getOpenApi = endpoint({
  method: 'GET',
  path: '/api/openapi.json',
  who: 'everybody',
  answers,
  summary: 'The HTTP API as an OpenAPI 3.1 document',
  tag,
});

export const getAsyncApi = endpoint({
  method: 'GET',
  path: '/api/asyncapi.json',
  who: 'everybody',
  answers,
  summary: 'The web sockets as an AsyncAPI 3 document',
  tag,
});
