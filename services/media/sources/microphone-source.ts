import { monotonicMs } from '#core/runtime/monotonic.ts';
import { loadGStreamer } from '../gstreamer.ts';
import { ReasonError } from '../reason-error.ts';
import type { Source, SourceContext } from './contract.ts';
import { chain, soundCaps, soundSampleRate, sourceElements } from './picture-text.ts';
import { SampleClock } from './sample-clock.ts';

/**
 * Times of samples are not asked for: GStreamer would jump where the microphone's clock has drifted. Samples are
 * counted (sample-clock.ts), and the encoder corrects the drift unheard.
 */
export const microphoneText = chain(
  'alsasrc name=microphone provide-clock=false slave-method=none buffer-time=80000 latency-time=10000',
  'queue leaky=downstream max-size-time=500000000 max-size-bytes=0 max-size-buffers=0',
  'audioconvert',
  'audioresample',
  soundCaps,
  'appsink name=sound sync=false async=false max-buffers=50',
);

/** A microphone or line input. Its device is set as a property. */
export function openMicrophone(context: SourceContext, device: string): Source {
  const pipeline = new (loadGStreamer().Pipeline)(microphoneText);
  const microphone = pipeline.findChild(sourceElements.microphone);
  if (microphone) microphone.device = device;
  const sink = pipeline.findChild(sourceElements.sound) as import('../gstreamer.ts').GstAppSink;
  const clock = new SampleClock(soundSampleRate);
  let playing = false;
  const pull = () => {
    sink.pull((bytes) => {
      if (bytes === null) {
        const { reason } = ReasonError.of('audio-unavailable', 'its stream ended');
        context.state({ state: 'failed', video: null, sound: false, reason });
        return;
      }
      context.sound(bytes, clock.firstOf(bytes.length / 4, monotonicMs()));
      if (!playing) context.state({ state: 'playing', video: null, sound: true, reason: null });
      playing = true;
      pull();
    });
  };
  return {
    async start() {
      pipeline.play();
      pull();
    },
  };
}
