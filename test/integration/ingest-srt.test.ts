import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import type { IngestAddresses } from '#core/protocol/endpoints/ingest.ts';
import { Appliance } from '../support/appliance.ts';
import { ffmpegPublisher } from '../support/publishers.ts';

t.setTimeout(240_000);

const settings = { video: { source: 'srt', width: 640, height: 360 }, ingest: { srtPort: 0, rtmpPort: 0 } };
const appliance = await Appliance.start({ settings });
t.teardown(() => appliance.close());
const ingest = async () => (await appliance.call('GET', '/api/v1/ingest')) as IngestAddresses;
const { srt } = await ingest();
const url = srt?.url ?? '';
/** What is told of a sender comes by way of media: a moment after the sender knows. */
async function told(code: string): Promise<IngestAddresses['srt']> {
  for (const deadlineMs = performance.now() + 10_000; ; await setTimeout(50)) {
    const { srt } = await ingest();
    if (srt?.reason?.code === code) return srt;
    if (performance.now() > deadlineMs) throw new Error(`no ${code}; ${JSON.stringify(srt)}`);
  }
}
const live = () => appliance.until(({ broadcast }) => broadcast.state === 'live');

t.test('a sender by SRT takes the box live; a wrong key and a second sender are turned away', async (t) => {
  t.match(JSON.parse((await appliance.onair('ingest', '--json')).stdout), { srt: { url } });
  await ffmpegPublisher(t, `${url}x`, { format: 'mpegts' }).exited();
  t.match(await told('publisher-key'), { publisher: null });
  t.equal((await appliance.status()).broadcast.state, 'offline');
  const sender = ffmpegPublisher(t, url, { format: 'mpegts' });
  const { broadcast } = await live();
  t.match((await ingest()).srt, { publisher: { address: '127.0.0.1' }, reason: null });
  await ffmpegPublisher(t, url, { format: 'mpegts' }).exited();
  t.match(await told('publisher-second'), { publisher: { address: '127.0.0.1' } });
  await sender.end();
  await appliance.until(({ broadcast }) => broadcast.state === 'retrying');
  ffmpegPublisher(t, url, { format: 'mpegts', size: '640x480', rate: 25 });
  t.equal((await live()).broadcast.startTime, broadcast.startTime, 'the broadcast goes on');
  t.match(await appliance.onair('stop'), { exitCode: 0 });
  t.equal((await appliance.status()).broadcast.state, 'offline', 'and what the operator stops stays stopped');
});
