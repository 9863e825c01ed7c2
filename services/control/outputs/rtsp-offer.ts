import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { FromOutputs } from '#core/protocol/link/outputs.ts';
import type { PinGuesses } from '../access/pin-guesses.ts';
import type { Audience, Seat } from '../domain/audience.ts';
import type { LinkHost } from '../link/link-host.ts';

type Viewers = Extract<FromOutputs, { type: 'outputs_rtsp_report' }>['payload']['viewers'];

interface Deps {
  settings: () => Settings;
  audience: Audience;
  link: LinkHost;
  pins: PinGuesses;
}

/** RTSP as the outputs daemon offers it: who may watch is told there, who does counts here. */
export class RtspOffer {
  /** Where it is offered changed, or why it is not. */
  readonly events = new EventHub<{ rtspChanged: undefined }>();
  readonly #deps: Deps;
  readonly #seats = new Map<string, Seat>();
  #port: number | null = null;
  #reason: Problem | null = null;
  #told = '';

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Null where it is not offered. */
  get port(): number | null {
    return this.#port;
  }

  get problems(): Problem[] {
    return this.#reason === null ? [] : [this.#reason];
  }

  start(): void {
    this.#deps.link.events.on('joined', ({ daemon }) => {
      if (daemon !== 'outputs') return;
      this.#told = '';
      this.configure();
    });
    this.#deps.link.events.on('left', ({ daemon }) => {
      if (daemon === 'outputs') this.#receive({ port: null, reason: null, viewers: [] });
    });
    this.#deps.link.events.on('outputs', (message) => {
      if (message.type === 'outputs_rtsp_report') this.#receive(message.payload);
      else if (message.type === 'outputs_pin_try') this.#judge(message.payload);
      else if (message.type === 'outputs_pin_wrong') this.#deps.pins.count(message.payload.address);
    });
    this.#deps.audience.events.on('audienceChanged', () => this.configure());
  }

  /** Also when the settings changed. */
  configure(): void {
    const { rtsp, viewing } = this.#deps.settings();
    const pin = viewing.access === 'pin' ? (viewing.pin ?? '') : null;
    const freePlaces = Math.max(0, this.#deps.audience.max - this.#deps.audience.viewers);
    const payload = { rtsp: rtsp.enabled ? { port: rtsp.port, pin, freePlaces } : null };
    const told = JSON.stringify(payload);
    if (told === this.#told) return;
    this.#told = told;
    this.#deps.link.sendToOutputs({ type: 'outputs_rtsp', payload });
  }

  #receive({
    port,
    reason,
    viewers,
  }: {
    port: number | null;
    reason: Problem | null;
    viewers: Viewers;
  }): void {
    for (const [id, seat] of this.#seats) {
      if (viewers.some((viewer) => viewer.id === id)) continue;
      this.#seats.delete(id);
      seat.leave();
    }
    for (const viewer of viewers) if (!this.#seats.has(viewer.id)) this.#seat(viewer);
    const isNews = port !== this.#port || reason?.message !== this.#reason?.message;
    this.#port = port;
    this.#reason = reason;
    if (isNews) this.events.emit('rtspChanged', undefined);
  }

  #judge({ id, address }: { id: string; address: string }): void {
    const payload = { id, allowed: this.#deps.pins.allows(address) };
    this.#deps.link.sendToOutputs({ type: 'outputs_pin_answer', payload });
  }

  #seat({ id, address }: Viewers[number]): void {
    const end = (): void => {
      this.#deps.link.sendToOutputs({ type: 'outputs_rtsp_end', payload: { id } });
    };
    try {
      const seat = this.#deps.audience.enter(`rtsp-${id}`, 'rtsp', { address, displaced: end });
      seat.setPictures(true);
      this.#seats.set(id, seat);
    } catch {
      end(); // somebody else took the last place meanwhile
    }
  }
}
