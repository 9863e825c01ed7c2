import { readFileSync } from 'node:fs';
import { methods } from '#console/commands/table.ts';
import { openRpcOf } from '#console/programs/open-rpc.ts';
import { asyncApiOf } from '#control/documents/asyncapi.ts';
import { openApiOf } from '#control/documents/openapi.ts';
import { channels } from '#core/protocol/channels/table.ts';
import { endpoints } from '#core/protocol/endpoints/table.ts';
import { apiPage } from './generate-docs-api.ts';
import { bashCompletion, commandsPage, manualPage } from './generate-docs-commands.ts';
import { consolePage } from './generate-docs-console.ts';
import { lightDrawings, lightsChapter, lightsTable } from './generate-docs-lights.ts';
import { protocolPage } from './generate-docs-protocol.ts';

/** The dialects that each page of docs/protocols is about. */
const pages: Record<string, string[]> = {
  lancast: ['lancast'],
  nova: ['nova'],
  loudsync: ['loudsync'],
  signaling: ['signaling-device', 'signaling-viewer'],
  streamsync: ['streamsync'],
};

/** Everything that is generated in docs/, by its path in the checkout. */
export function generatedFiles(): Record<string, string> {
  return {
    'docs/openapi.json': json(openApiOf(endpoints)),
    'docs/asyncapi.json': json(asyncApiOf(channels)),
    'docs/openrpc.json': json(openRpcOf(methods)),
    'docs/console.md': consolePage(),
    'docs/commands.md': commandsPage(),
    'package/onair.1': manualPage(),
    'package/onair.bash': bashCompletion(),
    'docs/api.md': apiPage(endpoints),
    ...Object.fromEntries(
      Object.entries(pages).map(([file, names]) => [
        `docs/protocols/${file}.md`,
        protocolPage(
          file,
          names.flatMap((name) => channels.filter((channel) => channel.name === name)),
        ),
      ]),
    ),
    ...lightDrawings(),
    'docs/manual.md': manualWithLights(),
  };
}

/** The manual with the current table of the lights. */
function manualWithLights(): string {
  const { begin, end } = lightsChapter;
  const manual = readFileSync(new URL('../docs/manual.md', import.meta.url), 'utf8');
  const [before, rest] = manual.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/manual.md lacks ${begin} and ${end}`);
  return `${before}${begin}\n${lightsTable()}\n${end}${after}`;
}

function json(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
