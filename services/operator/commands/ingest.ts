import { z } from 'zod';
import { getIngest, type IngestAddresses, ingestAddresses } from '#core/protocol/endpoints/ingest.ts';
import { command } from '../command.ts';

export const ingestCommand = command({
  method: 'ingest',
  summary: 'Where phones, OBS and encoders publish to, with the key',
  details: 'Anybody with the key can publish. Setting ingest.key to nothing makes a new one.',
  arguments: [],
  params: z.strictObject({}),
  result: ingestAddresses,
  run: async (_, { box, signal }) => await box.call(getIngest, { signal }),
  show: ({ rtmp, srt, whip }) => {
    const lines = [
      ...way('RTMP', rtmp, rtmp ? [rtmp.url, `OBS: server ${rtmp.server}, stream key ${rtmp.key}`] : []),
      ...way('SRT', srt, srt ? [srt.url] : []),
      ...way('WHIP', whip, whip ? [whip.url, `Bearer token ${whip.token}`] : []),
    ];
    return lines.join('\n');
  },
});

function way(name: string, known: IngestAddresses[keyof IngestAddresses], said: string[]): string[] {
  if (known === null) return [`${name.padEnd(4)}  off`];
  const publishing = known.publisher ? [`${known.publisher.address} publishes`] : [];
  const wrong = known.reason ? [`${known.reason.message} ${known.reason.action}`] : [];
  return [...said, ...publishing, ...wrong].map(
    (line, index) => `${(index === 0 ? name : '').padEnd(4)}  ${line}`,
  );
}
