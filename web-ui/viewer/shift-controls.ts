import type { RoomPlayback } from '#core/domain/room.ts';
import { element } from '../page/elements.ts';
import type { TimeShift } from '../player/time-shift.ts';

const stepSeconds = 10;
/** What the box keeps unless it was set otherwise; what it really has is known once LL-HLS plays. */
const usualWindowSeconds = 20;

/** Who may say what is watched: oneself, or in a room the one who leads it. */
export interface Lead {
  readonly mayLead: boolean;
  lead(playback: RoomPlayback): void;
}

/** Goes back in time, and back to live. */
export class ShiftControls {
  readonly #shift: TimeShift;
  readonly #possible: boolean;
  readonly #back = element('back', HTMLButtonElement);
  readonly #bar = element('replay', HTMLInputElement);
  readonly #toLive = element('to-live', HTMLButtonElement);
  readonly #alone: Lead;
  #lead: Lead;
  /** How much the box has to go back to; null until that is known. */
  windowSeconds: number | null = null;
  /** How far back the recording of this broadcast reaches; null without one. */
  replaySeconds: number | null = null;
  /** For how long it has been live. */
  onAirSeconds = 0;

  /** @param options.possible this browser can play LL-HLS, where alone there is a "back" */
  constructor(options: { shift: TimeShift; possible: boolean }) {
    this.#shift = options.shift;
    this.#possible = options.possible;
    this.#alone = { mayLead: true, lead: (playback) => this.#shift.follow(playback) };
    this.#lead = this.#alone;
    this.#back.addEventListener('click', () => this.back());
    this.#toLive.addEventListener('click', () => this.live());
    this.#bar.addEventListener('change', () => {
      const seconds = -this.#bar.valueAsNumber - (this.#shift.behindSec ?? 0);
      if (this.mayLead) this.#lead.lead(this.#shift.moved(seconds, this.#window));
      this.#bar.blur();
    });
    this.#bar.addEventListener('input', () => this.#sayBar());
    this.render();
  }

  get mayLead(): boolean {
    return this.#possible && this.#lead.mayLead;
  }

  /** From now on who leads the room decides; null: everybody for themselves. */
  follow(lead: Lead | null): void {
    this.#lead = lead ?? this.#alone;
    if (lead === null) this.#shift.follow(null);
    this.render();
  }

  get mayGoBack(): boolean {
    return this.mayLead && this.#shift.mayGoBack(this.#window);
  }

  back(): void {
    if (this.mayGoBack) this.#lead.lead(this.#shift.moved(stepSeconds, this.#window));
  }

  forward(): void {
    if (this.mayLead) this.#lead.lead(this.#shift.moved(-stepSeconds, this.#window));
  }

  live(): void {
    if (this.mayLead && this.#shift.aim) this.#lead.lead(this.#shift.live());
  }

  pause(paused: boolean): void {
    if (this.mayLead) this.#lead.lead(this.#shift.paused(paused));
  }

  /** The oldest goes away while one looks at it: who leads moves up in time. To be called about once a second. */
  keepWithin(): void {
    const { aim, behindSec } = this.#shift;
    if (aim === null || behindSec === null || !this.mayLead || this.windowSeconds === null) return;
    const windowSeconds = Math.max(this.windowSeconds, this.replaySeconds ?? 0);
    if (behindSec > windowSeconds - 2)
      this.#lead.lead({ ...this.#shift.moved(0, windowSeconds), playing: true });
  }

  render(): void {
    const { aim } = this.#shift;
    this.#back.hidden = !this.mayLead;
    this.#back.disabled = !this.mayGoBack;
    this.#toLive.hidden = !this.mayLead || aim === null;
    this.#bar.hidden = !this.mayLead || this.replaySeconds === null;
    if (this.#bar.hidden || document.activeElement === this.#bar) return; // somebody has it in hand
    this.#bar.min = String(-Math.floor(this.#window));
    this.#bar.value = String(-Math.round(this.#shift.behindSec ?? 0));
    this.#sayBar();
  }

  /** "−12:34", "live" is 0. */
  #sayBar(): void {
    const seconds = -this.#bar.valueAsNumber;
    const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
    const hours = seconds >= 3600 ? `${Math.floor(seconds / 3600)}:` : '';
    this.#bar.title = `−${hours}${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
    this.#bar.setAttribute('aria-valuetext', this.#bar.title);
  }

  get #window(): number {
    const windowSeconds = Math.max(this.windowSeconds ?? usualWindowSeconds, this.replaySeconds ?? 0);
    return Math.min(windowSeconds, this.onAirSeconds);
  }
}
