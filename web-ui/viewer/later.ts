import type { PlayerFacts } from '../help/facts.ts';
import { element, setText } from '../page/elements.ts';
import type { Language } from '../page/language.ts';
import type { Toasts } from '../page/toasts.ts';
import type { TimeShift } from '../player/time-shift.ts';
import type { RoomPanel } from '../room/room-panel.ts';
import type { ServerView } from '../server/server-view.ts';
import type { SharedPace } from '../server/shared-pace.ts';
import type { Speak } from './phrases.ts';
import type { ShiftControls } from './shift-controls.ts';

interface Options {
  language: Language;
  say: Speak;
  toasts: Toasts;
  view: ServerView;
  pace: SharedPace;
  shift: TimeShift;
  shiftControls: ShiftControls;
  facts: () => PlayerFacts;
  /** Watches over LL-HLS from now on. */
  steady: () => void;
}

/** What most viewers never open is fetched when it is: sharing, recordings, help, chat. */
export class Later {
  readonly #options: Options;
  readonly #together = element('together', HTMLButtonElement);
  readonly #toRecordings = element('to-recordings', HTMLElement);
  readonly #unread = element('unread', HTMLElement);
  readonly #aside = element('room', HTMLElement);
  #room: Promise<RoomPanel | null> | null = null;

  constructor(options: Options) {
    this.#options = options;
    element('share', HTMLButtonElement).addEventListener('click', () => void this.share());
    element('recordings', HTMLButtonElement).addEventListener('click', () => void this.recordings());
    element('help', HTMLButtonElement).addEventListener('click', () => void this.help());
    this.#together.addEventListener('click', () => void this.toggleRoom());
  }

  /** Behind a PIN the chat waits for the PIN. */
  lock(locked: boolean): void {
    if (this.#together.disabled === locked) return;
    this.#together.disabled = locked;
    if (locked && !this.#aside.hidden) void this.toggleRoom();
  }

  async share(): Promise<void> {
    const { language, view } = this.#options;
    const chunk = await this.#load(() => import('../share/share-dialog.ts'));
    chunk?.openShare({ language, status: view.latest, place: location });
  }

  /** Where the operator lets viewers see what was recorded. */
  offerRecordings(offered: boolean): void {
    this.#toRecordings.hidden = !offered;
  }

  async recordings(): Promise<void> {
    const { language } = this.#options;
    const chunk = await this.#load(() => import('../recordings/recordings-dialog.ts'));
    await chunk?.openRecordings({ language });
  }

  async help(): Promise<void> {
    const { language, view, facts, steady, toasts } = this.#options;
    const chunk = await this.#load(() => import('../help/help-dialog.ts'));
    const streamId = view.latest?.stream.id ?? null;
    chunk?.openHelp({ language, toasts, facts, steady, streamId });
  }

  /** Opens the chat beside the picture, or closes it; who has joined stays in the room. */
  async toggleRoom(): Promise<void> {
    const opens = this.#aside.hidden;
    this.#aside.hidden = !opens;
    this.#together.setAttribute('aria-expanded', String(opens));
    document.documentElement.dataset.room = opens ? 'open' : 'closed';
    this.#showUnread(0);
    if (!opens) return;
    this.#room ??= this.#openRoom();
    const room = await this.#room;
    if (room) room.opened();
    else {
      this.#room = null;
      if (!this.#aside.hidden) void this.toggleRoom();
    }
  }

  async #openRoom(): Promise<RoomPanel | null> {
    const { language, toasts, view, pace, shift, shiftControls } = this.#options;
    const chunk = await this.#load(() => import('../room/room-panel.ts'));
    if (chunk === null) return null;
    return new chunk.RoomPanel({
      language,
      toasts,
      parent: this.#aside,
      shift,
      pace,
      shiftControls,
      hostName: () => view.latest?.device.name ?? 'Onair',
      isLive: () => view.live === true,
      unread: (count) => this.#showUnread(count),
      close: () => void this.toggleRoom(),
    });
  }

  #showUnread(count: number): void {
    this.#unread.hidden = count === 0;
    setText(this.#unread, count === 0 ? '' : String(count));
    const { say } = this.#options;
    const label = say('togetherLabel');
    this.#together.setAttribute('aria-label', count === 0 ? label : `${label}, ${say('unread', { count })}`);
  }

  /** Null, and words about it, where the box did not send it. */
  async #load<Chunk>(load: () => Promise<Chunk>): Promise<Chunk | null> {
    try {
      return await load();
    } catch {
      this.#options.toasts.say(this.#options.say('notLoaded'));
      return null;
    }
  }
}
