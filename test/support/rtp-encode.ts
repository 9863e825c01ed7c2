import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Whether this machine can encode H.264 and Opus: Debian's gstreamer1.0-tools, -plugins-base, -good and -ugly. */
export const canEncode =
  spawnSync('gst-inspect-1.0', ['x264enc'], { stdio: 'ignore' }).status === 0 &&
  spawnSync('gst-inspect-1.0', ['opusenc'], { stdio: 'ignore' }).status === 0;

const text = (videoPort: number, audioPort: number): string =>
  `videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1
   ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=300 key-int-max=30 option-string=scenecut=0
   ! video/x-h264,profile=constrained-baseline ! h264parse
   ! rtph264pay pt=96 mtu=1200 config-interval=-1 aggregate-mode=zero-latency timestamp-offset=0
   ! udpsink host=127.0.0.1 port=${videoPort} sync=false async=false
   audiotestsrc is-live=true samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2
   ! opusenc ! rtpopuspay pt=111 timestamp-offset=0
   ! udpsink host=127.0.0.1 port=${audioPort} sync=false async=false`;

/** A real encoder in a process of its own, sending as media does: one pipeline from start to its death. */
export class RtpEncode {
  readonly #process: ChildProcess;

  constructor({ videoPort, audioPort }: { videoPort: number; audioPort: number }) {
    const words = text(videoPort, audioPort).split(/\s+/);
    this.#process = spawn('gst-launch-1.0', ['-q', ...words], { stdio: 'ignore' });
  }

  /** As by kill -9. */
  async die(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}
