import { randomUUID } from 'node:crypto';
import type { Clock } from '#core/domain/clock.ts';
import type { ButtonLine } from '#core/hardware/gpio/button-line.ts';
import type { Lights } from '#core/hardware/light/light.ts';
import type { FromPanel, ToPanel } from '#core/protocol/link.ts';
import type { LinkClient } from '#core/runtime/link-client.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { Button, type Press } from './button.ts';
import { lightsFor, type PanelView } from './light-table.ts';

/** A state this old is no longer believed. */
const stateExpiresAfterMs = 1_000;
/** A press waits this long for control to come back. */
const pressWaitsMs = 5_000;
/** How long the lights show that a press could not be acted on. */
const problemShownMs = 3_000;

interface WaitingPress {
  pressId: string;
  press: Press;
  atMs: number;
  cancelExpiry: () => void;
}

/** The button and the lights of a box: presses go to control, and the lights show what it says, while it is true. */
export class Panel {
  readonly #button: Button;
  readonly #line: ButtonLine;
  readonly #lights: Lights;
  readonly #link: LinkClient<ToPanel, FromPanel>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiting = new Map<string, WaitingPress>();
  #view: PanelView = { state: null, advancing: false, viewers: 0, phase: 'released', problem: false };
  #cancelExpiry: () => void = () => {};
  #cancelProblem: () => void = () => {};

  constructor(options: {
    line: ButtonLine;
    lights: Lights;
    link: LinkClient<ToPanel, FromPanel>;
    clock: Clock;
    logger: Logger;
  }) {
    this.#line = options.line;
    this.#lights = options.lights;
    this.#link = options.link;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#button = new Button({
      clock: options.clock,
      onPress: (press, atMs) => this.#press(press, atMs),
      onPhase: (phase) => this.#see({ phase }),
    });
  }

  /** Opens line and lights, then listens to control; the button works before anything else does. */
  async start(): Promise<void> {
    await this.#lights.start();
    await this.#line.start((pressed) => this.#button.level(pressed));
    this.#see({});
    this.#link.on('connected', () => this.#sendWaiting());
    this.#link.on('disconnected', () => this.#see({ state: null, advancing: false }));
    this.#link.on('message', (message) => this.#hear(message));
    this.#link.start();
  }

  async close(): Promise<void> {
    this.#cancelExpiry();
    this.#cancelProblem();
    for (const { cancelExpiry } of this.#waiting.values()) cancelExpiry();
    this.#waiting.clear();
    this.#button.close();
    this.#link.close();
    this.#lights.show({ red: 'off', green: 'off' });
    await this.#line.close();
    await this.#lights.close();
  }

  #hear(message: ToPanel): void {
    if (message.type === 'panel_state') {
      const { state, advancing, viewers } = message.payload;
      this.#cancelExpiry();
      this.#cancelExpiry = this.#clock.after(stateExpiresAfterMs, () => this.#see({ advancing: false }));
      this.#see({ state, advancing, viewers });
    } else if (message.type === 'panel_button_ack') {
      const { pressId, action, problem } = message.payload;
      this.#forget(pressId);
      this.#logger.info({ pressId, action, problem }, 'press answered');
      if (problem) this.#showProblem();
    }
  }

  #press(press: Press, atMs: number): void {
    const pressId = randomUUID();
    const cancelExpiry = this.#clock.after(pressWaitsMs, () => {
      this.#forget(pressId);
      this.#logger.error({ pressId, press }, 'a press got no answer: control is away');
      this.#showProblem();
    });
    this.#waiting.set(pressId, { pressId, press, atMs, cancelExpiry });
    this.#logger.info({ pressId, press }, 'pressed');
    this.#sendWaiting();
  }

  /** Also what control has not answered before it went: the id keeps it from being acted on twice. */
  #sendWaiting(): void {
    for (const { pressId, press, atMs } of this.#waiting.values()) {
      const ageMs = Math.max(0, this.#clock.monotonicMs() - atMs);
      this.#link.send({ type: 'panel_button', payload: { pressId, press, ageMs } });
    }
  }

  #forget(pressId: string): void {
    this.#waiting.get(pressId)?.cancelExpiry();
    this.#waiting.delete(pressId);
  }

  #showProblem(): void {
    this.#cancelProblem();
    this.#see({ problem: true });
    this.#cancelProblem = this.#clock.after(problemShownMs, () => this.#see({ problem: false }));
  }

  #see(change: Partial<PanelView>): void {
    this.#view = { ...this.#view, ...change };
    this.#lights.show(lightsFor(this.#view));
  }
}
