import { type FromMedia, type ToMedia, toMedia } from '#core/protocol/link/media.ts';
import { runDaemon } from '#core/runtime/daemon.ts';
import { LinkClient } from '#core/runtime/link-client.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { MediaBus } from './bus/media-bus.ts';
import { BusTimeline } from './bus/timeline.ts';
import { NativeChild } from './child-process.ts';
import { IngestKeeper } from './ingest/ingest-keeper.ts';
import { Machine } from './sources/machine.ts';
import { Standby } from './standby.ts';
import { Supervisor } from './supervisor.ts';

await runDaemon('media', async ({ logger, own }) => {
  const encoders = new Standby('encoder', { logger });
  own(encoders);
  encoders.start();
  const sources = new Standby('source', { logger });
  own(sources);
  sources.start();

  const paths = pathsFrom(process.env);
  const bus = new MediaBus({
    socketPath: paths.mediaSocket,
    onKeyFrameWanted: () => supervisor.forceKeyFrame(),
    logger,
  });
  own(bus);
  const ingest = new IngestKeeper({ socketPath: paths.ingestSocket, logger });
  own(ingest);
  const output = { bus, timeline: new BusTimeline() };
  const newPreview = () => {
    const child = new NativeChild('preview', { logger });
    child.start();
    return child;
  };
  const supervisor = new Supervisor({
    encoders,
    sources,
    newPreview,
    machine: new Machine(),
    ingest,
    output,
    logger,
  });
  own(supervisor);

  const link = new LinkClient<ToMedia, FromMedia>({
    daemon: 'media',
    socketPath: paths.linkSockets.media,
    incoming: toMedia,
    logger,
  });
  own(link);

  supervisor.events.on('state', (payload) => link.send({ type: 'media_state', payload }));
  supervisor.events.on('progress', (payload) => link.send({ type: 'media_progress', payload }));
  supervisor.events.on('sources', (payload) => link.send({ type: 'media_sources', payload }));
  supervisor.events.on('fragment', (message) => link.sendBinary(message));

  ingest.events.on('report', (payload) => link.send({ type: 'media_ingest_report', payload }));

  ingest.events.on('whipAnswer', (payload) => link.send({ type: 'media_whip_answer', payload }));
  ingest.events.on('whipEnded', (payload) => link.send({ type: 'media_whip_ended', payload }));

  link.events.on('connected', () => {
    // First, so that egress knows the packets before they come.
    link.send({ type: 'media_rtp_streams', payload: supervisor.rtpStreams });
    link.send({ type: 'media_state', payload: supervisor.state });
    link.send({ type: 'media_sources', payload: supervisor.sources });
    link.send({ type: 'media_ingest_report', payload: ingest.report });
    if (supervisor.initFragment) link.sendBinary(supervisor.initFragment);
  });
  link.events.on('message', (message) => {
    switch (message.type) {
      case 'daemon_welcome':
        break;
      case 'media_start':
        void supervisor.start(message.payload);
        break;
      case 'media_stop':
        supervisor.stop();
        break;
      case 'media_key_frame':
        supervisor.forceKeyFrame();
        break;
      case 'media_rtp':
        supervisor.retarget(message.payload);
        break;
      case 'media_settings':
        supervisor.configure(message.payload);
        break;
      case 'media_preview_request': {
        const { source, width } = message.payload;
        void supervisor.preview(source, width).then((answer) => {
          link.send({ type: 'media_preview', payload: { source, width, ...answer } });
        });
        break;
      }
      case 'media_whip':
        ingest.whip(message.payload);
        break;
      case 'media_ingest':
        ingest.configure(message.payload);
        break;
      case 'media_bitrate':
        void supervisor.setBitrate(message.payload.bitrateKbps);
        break;
    }
  });
  await supervisor.open();
  await bus.start();
  link.start();
});
