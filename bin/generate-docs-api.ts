import { z } from 'zod';
import { namedSchemas } from '#control/documents/json-schemas.ts';
import { namedBodies, nameOf, whoMay } from '#control/documents/openapi.ts';
import { listSettings } from '#core/domain/settings.ts';
import {
  type AnswerBody,
  documentedPath,
  type Endpoint,
  isSchema,
  type OtherBody,
} from '#core/protocol/endpoint.ts';
import { cell, fieldTable, typeOf } from './generate-docs-fields.ts';
import { notice, silentPart } from './generate-docs-protocol.ts';

/** docs/api.md: the endpoints, their bodies, and every setting. */
export function apiPage(documented: readonly Endpoint[]): string {
  const tags = [...new Set(documented.map(({ tag }) => tag))];
  return [
    notice,
    '',
    '# HTTP API',
    '',
    'For programs: [openapi.json](openapi.json), as every box serves it at `/api/openapi.json`. The web sockets are in',
    '[asyncapi.json](asyncapi.json) and [protocols/](protocols/).',
    '',
    ...tags.flatMap((tag) => [
      `## ${tag.slice(0, 1).toUpperCase()}${tag.slice(1)}`,
      '',
      '| | | who | request | answer |',
      '|---|---|---|---|---|',
      ...documented
        .filter((endpoint) => endpoint.tag === tag)
        .map((endpoint) => {
          const { method, path, summary, description, body } = endpoint;
          const text = [summary, description].filter(Boolean).join('. ');
          const answers = Object.entries(endpoint.answers).map(([status, answer]) =>
            `${status} ${answerOf(answer)}`.trim(),
          );
          const request = body ? bodyOf(body) : '';
          return `| \`${method} ${documentedPath(path)}\` | ${cell(text)} | ${whoMay(endpoint)} | ${request} | ${answers.join('<br>')} |`;
        }),
      '',
    ]),
    '## For all routes',
    '',
    silentPart('api'),
    '## Bodies',
    '',
    ...bodies(),
    '### Settings, one by one',
    '',
    'In `GET /api/v1/settings` nested by the dots. A secret is read as `{"set": bool}`.',
    '',
    '| key | is | default | effect | |',
    '|---|---|---|---|---|',
    ...listSettings().map(({ key, meta, schema }) => {
      const made = z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
      const shown = made.default === undefined || meta.secret ? '' : `\`${JSON.stringify(made.default)}\``;
      const unit = meta.unit ? ` (${meta.unit})` : '';
      const kind = [meta.secret ? 'secret' : '', meta.fixed ? 'fixed' : ''].filter(Boolean).join(', ');
      return `| \`${key}\` | ${cell(`${meta.description}${unit}: ${typeOf(made)}`)} | ${cell(shown)} | ${meta.effect} | ${kind} |`;
    }),
    '',
  ].join('\n');
}

function bodies(): string[] {
  const { Settings: _, ...named } = namedSchemas(namedBodies(), { at: '#/' });
  return Object.entries(named).flatMap(([name, schema]) => [
    `### ${name}`,
    '',
    ...(schema.properties ? fieldTable(schema) : ['An object; see the route.', '']),
  ]);
}

function answerOf(answer: AnswerBody): string {
  return isSchema(answer) || 'type' in answer ? bodyOf(answer) : answer.description;
}

function bodyOf(body: z.ZodType | OtherBody): string {
  if (!isSchema(body)) return `\`${body.type}\``;
  return `[${nameOf(body)}](#${nameOf(body).toLowerCase()})`;
}
