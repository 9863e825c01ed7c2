import { fileURLToPath } from 'node:url';
import { type FromOutputs, type ToOutputs, toOutputs } from '#core/protocol/link/outputs.ts';
import { runDaemon } from '#core/runtime/daemon.ts';
import { LinkClient } from '#core/runtime/link-client.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { makeSender } from './make-sender.ts';
import { Outputs } from './outputs.ts';
import { Recording } from './recording/recording.ts';
import { Stills } from './recording/stills.ts';
import { RtspServer } from './rtsp-server.ts';
import { Snapshot } from './snapshot.ts';

type StillRequest = Extract<ToOutputs, { type: 'recording_still_request' }>['payload'];

await runDaemon('outputs', async ({ logger, own }) => {
  const paths = pathsFrom(process.env);
  const link = new LinkClient<ToOutputs, FromOutputs>({
    daemon: 'outputs',
    socketPath: paths.linkSockets.outputs,
    incoming: toOutputs,
    logger,
  });
  own(link);

  const outputs = new Outputs({
    makeSender: (settings) => makeSender(settings, { mediaSocket: paths.mediaSocket, logger }),
    onReport: (reports) => link.send({ type: 'outputs_report', payload: { outputs: reports } }),
    clock,
    logger,
  });
  own(outputs);

  const rtsp = new RtspServer({
    mediaSocket: paths.mediaSocket,
    onReport: (report) => link.send({ type: 'outputs_rtsp_report', payload: report }),
    onPinTry: (attempt) => link.send({ type: 'outputs_pin_try', payload: attempt }),
    onPinWrong: (address) => link.send({ type: 'outputs_pin_wrong', payload: { address } }),
    clock,
    logger,
  });
  own(rtsp);

  const snapshot = new Snapshot({ mediaSocket: paths.mediaSocket, clock, logger });
  own(snapshot);
  const answerSnapshot = async (width: number): Promise<void> => {
    const shot = await snapshot.take(width);
    const jpeg = shot === null ? null : shot.jpeg.toString('base64');
    link.send({ type: 'outputs_snapshot', payload: { width, jpeg } });
  };

  link.events.on('connected', () => link.send({ type: 'outputs_rtsp_report', payload: rtsp.report }));
  const recording = new Recording({
    program: fileURLToPath(new URL('recorder-process.js', import.meta.url)),
    mediaSocket: paths.mediaSocket,
    cardDirectory: paths.recordingsDirectory,
    disksDirectory: paths.disksDirectory,
    onReport: (report) => link.send({ type: 'recording_report', payload: report }),
    clock,
    logger,
  });
  own(recording);
  recording.start();
  const stills = new Stills({ clock, logger });
  own(stills);
  const answerStill = async (ask: StillRequest): Promise<void> => {
    const jpeg = await stills.take(ask.path, ask.atSeconds, ask.width);
    link.send({ type: 'recording_still', payload: { id: ask.id, jpeg: jpeg?.toString('base64') ?? null } });
  };

  link.events.on('message', (message) => {
    if (message.type === 'recording_configure') recording.configure(message.payload);
    else if (message.type === 'recording_still_request') void answerStill(message.payload);
    if (message.type === 'outputs_configure') {
      outputs.configure(message.payload);
      rtsp.follow(message.payload.live);
    } else if (message.type === 'outputs_rtsp') rtsp.configure(message.payload.rtsp);
    else if (message.type === 'outputs_rtsp_end') rtsp.end(message.payload.id);
    else if (message.type === 'outputs_pin_answer')
      rtsp.answerPin(message.payload.id, message.payload.allowed);
    else if (message.type === 'outputs_snapshot_request') void answerSnapshot(message.payload.width);
  });
  link.start();
});
