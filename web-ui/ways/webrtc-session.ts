import type { Session, SessionListener } from '../player/session.ts';
import { leaveWhep, offerWhep, WhepError } from '../server/whep.ts';
import type { Measure, MeasuringSession } from './measure.ts';
import { onFirstFrame, type Screen } from './screen.ts';
import { WebrtcStatistics } from './webrtc-statistics.ts';

export function supportsWebrtc(): boolean {
  return 'RTCPeerConnection' in window;
}

/** Reached without help within this time, or most likely not at all. */
const withoutHelpMs = 1_000;

/** The STUN and TURN servers that the box has named: an offer can only use what was known before it. */
export interface KnownIceServers {
  servers: RTCIceServer[];
}

interface Options {
  screen: Screen;
  inBackground: boolean;
  /** An operator looks, who is not a viewer. */
  preview?: boolean;
  /** Kept from one session to the next. */
  ice?: KnownIceServers;
  listener: SessionListener;
  /** The offer is made meanwhile, and sent then. */
  sendWhen: Promise<void>;
}

/** Begins to watch over WebRTC: WHEP without trickle, the shortest way from nothing to a picture. */
export function openWebrtc(options: Options): Session & MeasuringSession {
  return new WebrtcSession(options);
}

class WebrtcSession implements Session, MeasuringSession {
  readonly #screen: Screen;
  readonly #listener: SessionListener;
  readonly #ice: KnownIceServers;
  readonly #preview: boolean;
  readonly #connection: RTCPeerConnection;
  readonly #helped: boolean;
  readonly #stream: MediaStream;
  readonly #statistics: WebrtcStatistics;
  readonly #audio: RTCRtpTransceiver;
  #forgetFirstFrame: () => void = () => {};
  #location: string | null = null;
  #helpTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor({ screen, inBackground, preview = false, ice = { servers: [] }, listener, sendWhen }: Options) {
    this.#screen = screen;
    this.#listener = listener;
    this.#ice = ice;
    this.#preview = preview;
    this.#helped = ice.servers.length > 0;
    this.#connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: ice.servers });
    const video = this.#connection.addTransceiver('video', { direction: 'recvonly' });
    this.#audio = this.#connection.addTransceiver('audio', { direction: 'recvonly' });
    for (const { receiver } of [video, this.#audio]) showSoonest(receiver);
    this.#statistics = new WebrtcStatistics(this.#connection, screen.video);
    // The tracks exist before the server has answered: the element is ready when the first packet comes.
    this.#stream = new MediaStream([video.receiver.track, this.#audio.receiver.track]);
    this.#connection.onconnectionstatechange = () => {
      if (this.#connection.connectionState === 'failed') this.#fail('lost');
    };
    const element = inBackground ? unseenElement(this.#stream) : screen.video;
    if (!inBackground) screen.showStream(this.#stream);
    this.#forgetFirstFrame = onFirstFrame(element, () => {
      if (!this.#closed) listener.firstFrame();
    });
    void this.#negotiate(video, sendWhen);
  }

  show(): void {
    this.#screen.showStream(this.#stream);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#helpTimer);
    this.#forgetFirstFrame();
    this.#connection.onconnectionstatechange = null;
    this.#connection.close();
    if (this.#screen.video.srcObject === this.#stream) this.#screen.clear();
    this.#leave();
  }

  async measure(): Promise<Measure> {
    const figures = await this.#statistics.measure();
    const direction = this.#audio.currentDirection;
    return { ...figures, sound: direction === null ? null : direction === 'recvonly' };
  }

  windowSeconds(): null {
    return null;
  }

  async #negotiate(video: RTCRtpTransceiver, sendWhen: Promise<void>): Promise<void> {
    try {
      if (!preferH264(video)) return this.#fail('unsupported');
      await this.#connection.setLocalDescription();
      await sendWhen;
      if (this.#closed) return;
      const offer = this.#connection.localDescription?.sdp ?? '';
      const { answer, location, iceServers } = await offerWhep(offer, { preview: this.#preview });
      this.#location = location;
      // Closed while the answer was on its way: the server must not keep a place for nobody.
      if (this.#closed) return this.#leave();
      await this.#connection.setRemoteDescription({ type: 'answer', sdp: answer });
      this.#noteIceServers(iceServers);
    } catch (error) {
      if (error instanceof WhepError) this.#fail(error.failure, error.retryAfterMs);
      else this.#fail('refused');
    }
  }

  /** On a local network nobody needs them; where this session doesn't get through without, the next one has them. */
  #noteIceServers(servers: RTCIceServer[]): void {
    this.#ice.servers = servers;
    if (this.#helped || servers.length === 0) return;
    this.#helpTimer = setTimeout(() => {
      if (this.#connection.connectionState !== 'connected') this.#fail('lost');
    }, withoutHelpMs);
  }

  #fail(...failure: Parameters<SessionListener['failed']>): void {
    if (!this.#closed) queueMicrotask(() => this.#listener.failed(...failure));
  }

  #leave(): void {
    if (this.#location === null) return;
    leaveWhep(this.#location);
    this.#location = null;
  }
}

/** Pictures as soon as they are decoded: on a local network there is little to smooth out. */
function showSoonest(receiver: RTCRtpReceiver): void {
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
  else (receiver as { playoutDelayHint?: number }).playoutDelayHint = 0;
}

/** The box encodes once, in H.264: offering only that makes the offer a third as long. False where it can't be had. */
function preferH264(transceiver: RTCRtpTransceiver): boolean {
  const codecs = RTCRtpReceiver.getCapabilities?.('video')?.codecs;
  if (!codecs || !('setCodecPreferences' in transceiver)) return true;
  if (!codecs.some(({ mimeType }) => mimeType.toLowerCase() === 'video/h264')) return false;
  transceiver.setCodecPreferences(
    codecs.filter(({ mimeType }) => /^video\/(h264|rtx|red|ulpfec|flexfec-03)$/i.test(mimeType)),
  );
  return true;
}

/** Decodes without being seen, so that the picture on the page plays on until there is a better one. */
function unseenElement(stream: MediaStream): HTMLVideoElement {
  const element = document.createElement('video');
  element.muted = true;
  element.playsInline = true;
  element.srcObject = stream;
  element.play().catch(() => {});
  return element;
}
