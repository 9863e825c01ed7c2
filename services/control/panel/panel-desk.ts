import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { FingerprintPlace } from '#core/protocol/endpoints/certificate.ts';
import type { FromPanel, PanelCondition } from '#core/protocol/link/panel.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Pairing } from '../domain/pairing.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { SettingsStore } from '../settings/settings-store.ts';

type Press = Extract<FromPanel, { type: 'panel_button' }>['payload'];

/** A press that waited longer than this for control is shown as an error instead of acted on. */
const pressExpiresAfterMs = 5_000;
/** While live, so often does the panel hear that it still is. */
const tellEveryMs = 500;
const rememberedPresses = 32;

const expired: Problem = {
  code: 'press-expired',
  message: 'The button was pressed while the box was not ready.',
  action: 'Press it again.',
};

interface Deps {
  link: LinkHost;
  broadcast: Broadcast;
  audience: Audience;
  director: BroadcastDirector;
  settingsStore: SettingsStore;
  pairing: Pairing;
  /** What the lights flash to prove the box; null for nothing. */
  proof: () => FingerprintPlace | null;
  /** A reset takes the box from everybody who could operate it. */
  forgetOperators: () => Promise<void>;
  /** What the lights warn of; `tell` when it changes. */
  conditions: () => PanelCondition[];
  /** The setting `panel.board`. */
  board: () => string;
  clock: Clock;
}

/** Control's side of the panel: what a press does, and what the lights are told. */
export class PanelDesk {
  readonly #deps: Deps;
  readonly #seen = new Set<string>();
  #boardTold: string | null = null;
  #stop: () => void = () => {};

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  start(): void {
    this.#deps.link.events.on('panel', (message) => {
      if (message.type === 'panel_button') void this.#press(message.payload);
    });
    this.#deps.link.events.on('joined', ({ daemon }) => {
      if (daemon !== 'panel') return;
      this.#boardTold = null;
      this.tell();
    });
    this.#deps.broadcast.events.on('broadcastChanged', () => this.tell());
    this.#deps.audience.events.on('audienceChanged', () => this.tell());
    this.#deps.director.events.on('advancingChanged', () => this.tell());
    this.#deps.pairing.events.on('pairingChanged', () => this.tell());
    this.#deps.settingsStore.events.on('settingsChanged', () => this.tell());
    this.#stop = this.#deps.clock.every(tellEveryMs, () => {
      if (this.#deps.broadcast.snapshot.state === 'live') this.tell();
    });
  }

  /** Tells the panel how things are. */
  tell(): void {
    const board = this.#deps.board();
    if (board !== this.#boardTold)
      this.#deps.link.sendToPanel({ type: 'panel_configure', payload: { board } });
    this.#boardTold = board;
    const { state, reason } = this.#deps.broadcast.snapshot;
    const { asked, snapshot } = this.#deps.pairing;
    this.#deps.link.sendToPanel({
      type: 'panel_state',
      payload: {
        state,
        reason,
        advancing: this.#deps.director.advancing,
        viewers: this.#deps.audience.viewers,
        pairing: asked === 'operate' || snapshot.windowOpen,
        proof: asked === 'prove' ? 'asked' : this.#deps.proof(),
        conditions: this.#deps.conditions(),
      },
    });
  }

  close(): void {
    this.#stop();
  }

  async #press({ pressId, press, ageMs }: Press): Promise<void> {
    const acknowledge = (action: string, problem: Problem | null): void => {
      this.#deps.link.sendToPanel({ type: 'panel_button_ack', payload: { pressId, action, problem } });
    };
    if (this.#seen.has(pressId)) return acknowledge('done-before', null);
    this.#remember(pressId);
    if (ageMs > pressExpiresAfterMs) return acknowledge('none', expired);
    const paired = this.#deps.pairing.press(press, ageMs);
    if (paired !== null) return acknowledge(paired, null);
    if (press === 'very-long') return acknowledge('settings-reset', await this.#reset());
    if (this.#deps.broadcast.wanted) {
      this.#deps.broadcast.stop();
      return acknowledge('stop', null);
    }
    this.#deps.broadcast.start();
    acknowledge('start', null);
  }

  /** What kept the settings from being reset; null where nothing did. */
  async #reset(): Promise<Problem | null> {
    try {
      await this.#deps.settingsStore.reset();
      await this.#deps.forgetOperators();
      return null;
    } catch (error) {
      if (error instanceof OnairError)
        return { code: 'reset-failed', message: error.message, action: error.action ?? '' };
      throw error;
    }
  }

  #remember(pressId: string): void {
    this.#seen.add(pressId);
    if (this.#seen.size <= rememberedPresses) return;
    const [oldest] = this.#seen;
    if (oldest !== undefined) this.#seen.delete(oldest);
  }
}
