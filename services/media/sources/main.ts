import type { CameraControls } from '#core/domain/camera.ts';
import { withoutSecrets } from '#core/domain/media.ts';
import { trimMemory } from '#core/runtime/memory-trim.ts';
import { loadSystemAddon } from '#core/runtime/system-addon.ts';
import { ReasonError } from '../reason-error.ts';
import { reasonOfFailure } from '../reasons.ts';
import { TestPicture } from '../test-picture/painter.ts';
import type { CameraDescription } from './camera-description.ts';
import type { CameraAddress, FromSource, Source, SourceContext, SourcePlan, ToSource } from './contract.ts';
import { FrameOutput } from './frame-output.ts';

/** The process of one source (contract.ts). Each kind's code, and GStreamer, is loaded once it is known which. */
process.title = 'onair-media-source';
// SIGKILL, since a thread that waits for GStreamer would hold up an ordinary exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => {}); // Ctrl-C goes to the whole group: the parent decides.

const notify = (message: FromSource, sent: () => void = () => {}): void => {
  if (process.send) process.send(message, sent);
};

/** Where each kind of source is opened. */
async function open(context: SourceContext): Promise<Source> {
  const { address } = context.plan;
  switch (address.kind) {
    case 'test':
      return (await import('./test-source.ts')).openTest(context);
    case 'beep':
      return (await import('./beep-source.ts')).openBeep(context);
    case 'file':
      return (await import('./clip-source.ts')).openClip(context, address.path);
    case 'v4l2':
    case 'csi':
      return (await import('./camera-source.ts')).openCamera(context, address);
    case 'microphone':
      return (await import('./microphone-source.ts')).openMicrophone(context, address.device);
    case 'image':
      return (await import('./image-source.ts')).openImage(context, address.path);
    case 'overlay':
      return (await import('./overlay-source.ts')).openOverlay(context, address.overlay);
    case 'rtmp':
    case 'srt':
    case 'whip':
      return (await import('./published-source.ts')).openPublished(context, address.kind);
    case 'rtsp':
    case 'srt-caller':
      return (await import('./remote-source.ts')).openRemote(context, address);
  }
}

let source: Source | null = null;
let controls: CameraControls = {};

async function start(plan: SourcePlan): Promise<void> {
  process.title = `onair-media-source ${withoutSecrets(plan.id)}`; // ps shows it to everybody
  const output = new FrameOutput(plan, { still: plan.address.kind === 'overlay' });
  await output.start();
  source = await open({
    plan,
    picture: (bytes, capturedMs) => output.picture(bytes, capturedMs),
    sound: (bytes, capturedMs) => output.sound(bytes, capturedMs),
    state: (state) => {
      if (state.state !== 'failed') notify({ type: 'state', ...state });
      else notify({ type: 'state', ...state }, () => process.kill(process.pid, 'SIGKILL'));
    },
    alive: () => notify({ type: 'alive' }),
    refused: (refused) => notify({ type: 'controls-refused', refused }),
  });
  await source.start();
  source.setControls?.(controls);
}

/** What was set before the source was there holds from its start. */
function setControls(wanted: CameraControls): void {
  controls = wanted;
  source?.setControls?.(wanted);
}

async function describe(camera: CameraAddress): Promise<void> {
  let description: CameraDescription | null = null;
  try {
    description = await (await import('./camera-hardware.ts')).describe(camera);
  } catch {
    // It is gone, or not to be opened: its source says so once it is wanted.
  }
  notify({ type: 'described', description });
}

function fail(error: Error): void {
  const reason = error instanceof ReasonError ? error.reason : reasonOfFailure(error.message);
  notify({ type: 'state', state: 'failed', video: null, sound: false, reason }, () =>
    process.kill(process.pid, 'SIGKILL'),
  );
}

process.on('message', (message: ToSource) => {
  if (message.type === 'start') start(message.plan).catch(fail);
  else if (message.type === 'use') source?.use?.(message.use);
  else if (message.type === 'overlay') source?.setOverlay?.(message.overlay);
  else if (message.type === 'controls') setControls(message.controls);
  else void describe(message.camera);
});

// Painting once compiles the painter: the test picture is on the air the sooner.
new TestPicture(320, 180).paint({ clockMs: 0, frame: 0 });
notify({ type: 'warm' });
trimMemory(loadSystemAddon());
