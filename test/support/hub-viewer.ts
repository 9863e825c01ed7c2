import { WebRtcViewer } from './webrtc-viewer.ts';
import { WireClient } from './wire-client.ts';

/** A viewer at a box's `/ws/viewer`: signaling by web socket, pictures by WebRTC. */
export class HubViewer {
  media: WebRtcViewer;
  readonly #signaling: WireClient;
  #sessionId = '';

  private constructor(signaling: WireClient) {
    this.#signaling = signaling;
    this.media = new WebRtcViewer();
  }

  /** Says hello with a token of the box's own. @param origin "http://127.0.0.1:PORT" */
  static async greeted(origin: string): Promise<HubViewer> {
    const { stream } = (await (await fetch(`${origin}/api/v1/status`)).json()) as { stream: { id: string } };
    const answer = await fetch(`${origin}/api/v1/streams/${stream.id}/tokens`, { method: 'POST' });
    const { token } = (await answer.json()) as { token: string };
    const viewer = new HubViewer(await WireClient.connect(`${origin}/ws/viewer`));
    viewer.#say('hello', { token });
    await viewer.#hear('hello_ack');
    return viewer;
  }

  /** Watches a device; resolves once the first pictures are there. */
  async watch(deviceId: string, tries = 3): Promise<void> {
    this.#say('watch_request', { device_id: deviceId });
    const { session_id } = await this.#hear('watch_ready');
    this.#sessionId = String(session_id);
    const sdp = await this.media.offer();
    this.#say('signal_offer', { session_id, sdp: { type: 'offer', sdp } });
    const answer = (await this.#hear('signal_answer')).sdp as { sdp: string };
    try {
      this.media.accept(answer.sdp);
    } catch (error) {
      // The client's library now and then loses a race of its own between answer and transport; the box had no part in it.
      if (tries <= 1 || !String(error).includes('without ICE transport')) throw error;
      this.end();
      this.media.close();
      this.media = new WebRtcViewer();
      await this.watch(deviceId, tries - 1);
      return;
    }
    await this.pictures(20);
  }

  /** So many more packets of pictures. */
  async pictures(packets: number, timeoutMs = 30_000): Promise<void> {
    const wanted = this.media.video.length + packets;
    await this.media.until('video', () => this.media.video.length >= wanted, timeoutMs);
  }

  /** The payload of `watch_ended`. */
  async ended(): Promise<Record<string, unknown>> {
    return await this.#hear('watch_ended');
  }

  end(): void {
    this.#say('end_watch', { session_id: this.#sessionId });
  }

  close(): void {
    this.media.close();
    this.#signaling.close();
  }

  #say(type: string, payload: object): void {
    this.#signaling.send({ type, ts: new Date().toISOString(), payload });
  }

  async #hear(type: string): Promise<Record<string, unknown>> {
    for (;;) {
      const message = await this.#signaling.nextJson();
      if (message.type === type) return message.payload;
      if (message.type === 'error') throw new Error(`${type} expected: ${message.payload.message}`);
    }
  }
}
