import { asyncApiOf, documentedDialects } from '#control/documents/asyncapi.ts';
import { openApiOf } from '#control/documents/openapi.ts';
import { apiPage } from './generate-docs-api.ts';
import { protocolPage } from './generate-docs-protocol.ts';
import { dialects, routes } from './generate-docs-tables.ts';

/** The dialects that each page of docs/protocols is about. */
const pages: Record<string, string[]> = {
  lancast: ['lancast'],
  nova: ['nova'],
  loudsync: ['loudsync'],
  signaling: ['signaling-device', 'signaling-viewer'],
  streamsync: ['streamsync'],
};

/** Everything in docs/ that is generated, by its path in the checkout. */
export function generatedFiles(): Record<string, string> {
  const documented = documentedDialects(dialects);
  return {
    'docs/openapi.json': json(openApiOf(routes)),
    'docs/asyncapi.json': json(asyncApiOf(dialects)),
    'docs/api.md': apiPage(routes),
    ...Object.fromEntries(
      Object.entries(pages).map(([file, names]) => [
        `docs/protocols/${file}.md`,
        protocolPage(
          file,
          names.flatMap((name) => documented.filter((dialect) => dialect.name === name)),
        ),
      ]),
    ),
  };
}

function json(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
