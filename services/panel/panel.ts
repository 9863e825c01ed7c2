import { randomUUID } from 'node:crypto';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { ButtonLine } from '#core/hardware/gpio/button-line.ts';
import type { Lights } from '#core/hardware/light/light.ts';
import type { FromPanel, ToPanel } from '#core/protocol/link/panel.ts';
import type { LinkClient } from '#core/runtime/link-client.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { Button, type Press } from './button.ts';
import { lightsFor, type PanelView } from './light-view.ts';

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

/** What the panel needs of a board. */
export interface PanelBoard {
  /** Null where it has no button. */
  line: ButtonLine | null;
  lights: Lights;
  /** What is declared and can't be had. */
  problems: readonly OnairError[];
}

/** What nobody has told yet. */
const unknown = {
  state: null,
  advancing: false,
  viewers: 0,
  pairing: false,
  proof: null,
  conditions: [],
} as const;

interface Deps {
  board: PanelBoard;
  link: LinkClient<ToPanel, FromPanel>;
  clock: Clock;
  logger: Logger;
}

/** The button and the lights of a box: presses go to control, and the lights show what it says, while it is true. */
export class Panel {
  readonly #deps: Deps;
  readonly #waiting = new Map<string, WaitingPress>();
  #board: PanelBoard;
  #button: Button;
  #view: PanelView = { ...unknown, phase: 'released', problem: false };
  /** Something of the board doesn't work. */
  #faulty = false;
  /** The setting that chooses the board names none. */
  #missetting = false;
  /** The last short press while the lights still owe it their answer, and what was there before it. */
  #followed: { pressId: string; atMs: number; before: PanelView['state'] } | null = null;
  #cancelExpiry: () => void = () => {};
  #cancelProblem: () => void = () => {};

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#board = deps.board;
    this.#button = this.#newButton();
  }

  /** Opens line and lights, then listens to control; the button works before anything else does. */
  async start(): Promise<void> {
    await this.#startBoard();
    this.#deps.link.events.on('connected', () => this.#sendWaiting());
    this.#deps.link.events.on('disconnected', () => this.#see(unknown));
    this.#deps.link.events.on('message', (message) => this.#hear(message));
    this.#deps.link.start();
  }

  /** Changes over to another board: what waits and what is shown stays. */
  async replaceBoard(board: PanelBoard): Promise<void> {
    this.#button.close();
    await this.#closeBoard();
    this.#board = board;
    this.#button = this.#newButton();
    this.#see({ phase: 'released' });
    await this.#startBoard();
  }

  /** What is wrong with the setting that chooses the board; null for nothing. */
  noteSetting(problem: OnairError | null): void {
    if (problem) this.#deps.logger.error({ action: problem.action }, problem.message);
    this.#missetting = problem !== null;
    this.#see({});
  }

  async close(): Promise<void> {
    this.#cancelExpiry();
    this.#cancelProblem();
    for (const { cancelExpiry } of this.#waiting.values()) cancelExpiry();
    this.#waiting.clear();
    this.#button.close();
    this.#deps.link.close();
    this.#board.lights.show({ red: 'off', green: 'off' });
    await this.#closeBoard();
  }

  #newButton(): Button {
    return new Button({
      clock: this.#deps.clock,
      onPress: (press, atMs) => this.#press(press, atMs),
      onPhase: (phase) => this.#see({ phase }),
    });
  }

  /** Lights and button each go without the other: what can't be had is said, in the log and by the lights. */
  async #startBoard(): Promise<void> {
    const { line, lights } = this.#board;
    const button = this.#button;
    const problems = [...this.#board.problems];
    for (const begin of [
      () => lights.start(),
      () => line?.start((pressed, ageMs) => button.level(pressed, ageMs)),
    ]) {
      try {
        await begin();
      } catch (error) {
        if (!(error instanceof OnairError)) throw error;
        problems.push(error);
      }
    }
    for (const { subject, message, action } of problems)
      this.#deps.logger.error({ subject, action }, message);
    this.#faulty = problems.length > 0;
    this.#see({});
  }

  async #closeBoard(): Promise<void> {
    await this.#board.line?.close();
    await this.#board.lights.close();
  }

  #hear(message: ToPanel): void {
    if (message.type === 'panel_state') {
      const { state, advancing, viewers, pairing, proof, conditions } = message.payload;
      this.#cancelExpiry();
      this.#cancelExpiry = this.#deps.clock.after(stateExpiresAfterMs, () => this.#see({ advancing: false }));
      this.#see({ state, advancing, viewers, pairing, proof, conditions });
    } else if (message.type === 'panel_button_ack') {
      const { pressId, action, problem } = message.payload;
      this.#forget(pressId);
      this.#deps.logger.info({ pressId, action, problem }, 'press answered');
      if (problem) this.#showProblem();
    }
  }

  #press(press: Press, atMs: number): void {
    const pressId = randomUUID();
    const cancelExpiry = this.#deps.clock.after(pressWaitsMs, () => {
      this.#forget(pressId);
      this.#deps.logger.error({ pressId, press }, 'a press got no answer: control is away');
      this.#showProblem();
    });
    this.#waiting.set(pressId, { pressId, press, atMs, cancelExpiry });
    if (press === 'short') this.#followed = { pressId, atMs, before: this.#view.state };
    this.#deps.logger.info({ pressId, press }, 'pressed');
    this.#sendWaiting();
  }

  /** Also what control has not answered before it went: the id keeps it from being acted on twice. */
  #sendWaiting(): void {
    for (const { pressId, press, atMs } of this.#waiting.values()) {
      const ageMs = Math.max(0, this.#deps.clock.monotonicMs() - atMs);
      this.#deps.link.send({ type: 'panel_button', payload: { pressId, press, ageMs } });
    }
  }

  #forget(pressId: string): void {
    this.#waiting.get(pressId)?.cancelExpiry();
    this.#waiting.delete(pressId);
  }

  #showProblem(): void {
    this.#cancelProblem();
    this.#see({ problem: true });
    this.#cancelProblem = this.#deps.clock.after(problemShownMs, () => this.#see({ problem: false }));
  }

  #see(change: Partial<PanelView>): void {
    this.#view = { ...this.#view, ...change };
    const { lights } = this.#board;
    const conditions = [
      ...this.#view.conditions,
      ...(this.#faulty || this.#missetting ? (['settings-wrong'] as const) : []),
    ];
    lights.show(lightsFor({ ...this.#view, conditions }, lights.count));
    this.#follow();
  }

  /** Says how soon after a press the lights showed what came of it: the figure a board is judged by. */
  #follow(): void {
    if (this.#followed === null) return;
    const { pressId, atMs, before } = this.#followed;
    const { state, advancing } = this.#view;
    const isOver = state === 'live' ? advancing : state === 'offline' || state === 'failed';
    if (state === before || state === null || !isOver) return;
    this.#followed = null;
    const afterMs = Math.round(this.#deps.clock.monotonicMs() - atMs);
    this.#deps.logger.info(
      { pressId, state, afterMs },
      `the lights show ${state} ${afterMs} ms after the press`,
    );
  }
}
