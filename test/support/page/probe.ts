import { decodeStamp } from '#media/test-picture/stamp.ts';
import type { Received, ShownPicture } from '../shown.ts';

interface Waiter {
  isOver: () => boolean;
  resolve: () => void;
}

const sampleWidth = 320;
const sampleHeight = 180;
const maxPictures = 3_000;

/** Sees in the page what a viewer would see; a test installs it before the page's own scripts. */
class Probe {
  readonly pictures: ShownPicture[] = [];
  readonly connections: RTCPeerConnection[] = [];
  #count = 0;
  #waiters: Waiter[] = [];
  #audio: AudioContext | null = null;
  #element: MediaElementAudioSourceNode | null = null;

  /** Keeps what the page makes of it. */
  watchConnections(): void {
    const { connections } = this;
    const Native = window.RTCPeerConnection;
    if (!Native) return;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        connections.push(this);
      }
    };
  }

  watchPage(): void {
    const video = this.#video;
    const canvas = new OffscreenCanvas(sampleWidth, sampleHeight);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const see = (): void => {
      video.requestVideoFrameCallback(see);
      if (!context) return;
      context.drawImage(video, 0, 0, sampleWidth, sampleHeight);
      const { data } = context.getImageData(0, 0, sampleWidth, sampleHeight);
      const stamp = decodeStamp(data, sampleWidth, sampleHeight);
      this.pictures.push({
        atMs: Date.now(),
        clockMs: stamp?.clockMs ?? null,
        frame: stamp?.frame ?? null,
        print: printOf(data),
      });
      this.#count += 1;
      if (this.pictures.length > maxPictures) this.pictures.shift();
      this.#look();
    };
    video.requestVideoFrameCallback(see);
    new MutationObserver(() => this.#look()).observe(document.documentElement, { attributes: true });
  }

  /** Resolves with the picture, shown from now on, that was captured after `clockMs`. */
  async pictureAfter(clockMs: number, timeoutMs: number): Promise<ShownPicture> {
    const newest = (): ShownPicture | undefined => this.pictures.at(-1);
    await this.#until(
      timeoutMs,
      () => (newest()?.clockMs ?? 0) > clockMs,
      `picture captured after ${clockMs}`,
    );
    return newest() as ShownPicture;
  }

  /** Resolves with the first picture that was shown since the page was loaded. */
  async firstPicture(timeoutMs: number): Promise<ShownPicture> {
    await this.#until(timeoutMs, () => this.#count > 0, 'picture');
    return this.pictures[0] as ShownPicture;
  }

  /** Resolves with the first picture shown at that wall clock or later. */
  async shownAt(atMs: number, timeoutMs: number): Promise<ShownPicture> {
    await this.#until(timeoutMs, () => (this.pictures.at(-1)?.atMs ?? 0) >= atMs, `picture at ${atMs}`);
    return this.pictures.find((picture) => picture.atMs >= atMs) as ShownPicture;
  }

  /** Resolves with so many pictures, all shown from now on. */
  async nextPictures(count: number, timeoutMs: number): Promise<ShownPicture[]> {
    const goal = this.#count + count;
    await this.#until(timeoutMs, () => this.#count >= goal, `${count} pictures`);
    return this.pictures.slice(-count);
  }

  /** Resolves with the wall clock once the page says `state`, and shows pictures by `way` (null: whichever). */
  async state(state: string, way: string | null, timeoutMs: number): Promise<number> {
    const { dataset } = document.documentElement;
    const reached = (): boolean => dataset.state === state && (way === null || dataset.way === way);
    await this.#until(timeoutMs, reached, `state ${state} by way ${way}`);
    return Date.now();
  }

  /** The newest connection's figures. */
  async received(): Promise<Received> {
    const connection = this.connections.at(-1);
    const received: Received = {
      connections: this.connections.length,
      state: connection?.connectionState ?? 'none',
      framesDecoded: 0,
      audioPackets: 0,
      audioEnergy: 0,
    };
    for (const entry of (await connection?.getStats())?.values() ?? []) {
      if (entry.type !== 'inbound-rtp') continue;
      if (entry.kind === 'video') received.framesDecoded += entry.framesDecoded ?? 0;
      else {
        received.audioPackets += entry.packetsReceived ?? 0;
        received.audioEnergy += entry.totalAudioEnergy ?? 0;
      }
    }
    return received;
  }

  /** Resolves with the peak (0 to 1) once something is heard from the picture, which must not be muted. */
  async sound(threshold: number, timeoutMs: number): Promise<number> {
    const analyser = this.#listen();
    const samples = new Float32Array(analyser.fftSize);
    let peak = 0;
    const heard = (): boolean => {
      analyser.getFloatTimeDomainData(samples);
      for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
      return peak > threshold;
    };
    if (this.#video.muted) throw new Error('the picture is muted');
    await this.#until(timeoutMs, heard, 'sound', () => `the peak was ${peak}`);
    analyser.disconnect();
    return peak;
  }

  /** An element that plays a MediaStream gives the Web Audio API nothing: then the stream itself is heard. */
  #listen(): AnalyserNode {
    this.#audio ??= new AudioContext();
    const context = this.#audio;
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192; // 170 ms: no beep falls between two looks
    const { srcObject } = this.#video;
    if (srcObject instanceof MediaStream) context.createMediaStreamSource(srcObject).connect(analyser);
    else {
      this.#element ??= context.createMediaElementSource(this.#video);
      this.#element.connect(analyser).connect(context.destination);
    }
    return analyser;
  }

  get #video(): HTMLVideoElement {
    const video = document.getElementById('picture');
    if (!(video instanceof HTMLVideoElement)) throw new Error('the page has no picture');
    return video;
  }

  /** Looks at each picture shown, each change of the root element, and ten times a second besides. */
  #until(timeoutMs: number, isOver: () => boolean, what: string, details = () => ''): Promise<void> {
    if (isOver()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const poll = setInterval(() => this.#look(), 100);
      const waiter: Waiter = {
        isOver,
        resolve: () => {
          clearInterval(poll);
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        clearInterval(poll);
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        const { state, way } = document.documentElement.dataset;
        const newest = JSON.stringify(this.pictures.at(-1) ?? null);
        const page = `the page says ${state} by ${way}, newest picture ${newest}, now ${Date.now()}`;
        reject(new Error(`no ${what} within ${timeoutMs} ms: ${page} ${details()}`));
      }, timeoutMs);
      this.#waiters.push(waiter);
    });
  }

  #look(): void {
    const over = this.#waiters.filter(({ isOver }) => isOver());
    if (over.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !over.includes(waiter));
    for (const { resolve } of over) resolve();
  }
}

function printOf(pixels: Uint8ClampedArray): number {
  let print = 0;
  for (let at = 0; at < pixels.length; at += 404) print = (print * 31 + (pixels[at] ?? 0)) | 0;
  return print;
}

const probe = new Probe();
Object.assign(window, { onairProbe: probe });
probe.watchConnections();
document.addEventListener('DOMContentLoaded', () => probe.watchPage());
