import type { BroadcastState } from '#core/domain/broadcast-state.ts';

/** What the page says, in one word; also `data-state` on the root element. */
export type ShownState =
  | 'offline'
  | 'starting'
  | 'live'
  | 'retrying'
  | 'failed'
  | 'full'
  | 'locked'
  | 'removed'
  | 'unreachable';

/**
 * How the page and the server stand: it answered, and has no place (`full`), asks for a PIN (`locked`), or its operator
 * shut this viewer out (`removed`).
 */
export type Contact = 'connecting' | 'open' | 'lost' | 'full' | 'locked' | 'removed';

export interface Situation {
  contact: Contact;
  /** Since the page first asked, or since contact was lost. */
  silentMs: number;
  /** Null until the server has said. */
  live: boolean | null;
  /** What lies behind `live: false`; null until that is known. */
  broadcast: BroadcastState | null;
  /** `frozen`: a session is there and its pictures stand still; `advancing` also while the viewer pauses. */
  picture: 'none' | 'opening' | 'advancing' | 'frozen';
  /** A new frame came just now. */
  moving: boolean;
  /** Pictures were seen since this broadcast began. */
  pictureSeen: boolean;
  previous: ShownState;
}

/** A restart of the server is no news for this long; after it, people are told to look after the box. */
const silenceToleratedMs = 4_000;

/** The server is there, and sends this page no pictures. */
export function isShutOut(contact: Contact): contact is 'full' | 'locked' | 'removed' {
  return contact === 'full' || contact === 'locked' || contact === 'removed';
}

/** The one word for a situation. Pictures that move are the truth, unless the server says that it is over. */
export function shownState(situation: Situation): ShownState {
  const { contact, live, picture } = situation;
  if (picture === 'advancing' && live !== false) return 'live';
  if (isShutOut(contact)) return contact;
  if (contact !== 'open' && situation.silentMs >= silenceToleratedMs) return 'unreachable';
  if (contact === 'lost') return situation.previous === 'live' ? 'retrying' : situation.previous;
  if (live === true) return situation.pictureSeen ? 'retrying' : 'starting';
  if (live === false) return behindOffline(situation);
  return situation.previous === 'unreachable' ? 'unreachable' : 'starting';
}

function behindOffline({ broadcast, previous, moving }: Situation): ShownState {
  switch (broadcast) {
    case 'starting':
    case 'failed':
      return broadcast;
    case 'retrying':
      // A hub that has restarted says this until it has seen a picture: those who see them need not hear it.
      return moving ? 'live' : 'retrying';
    case null:
      // What lies behind it comes in a moment: nothing is said that would have to be taken back.
      return previous === 'live' && !moving ? 'retrying' : previous;
    default:
      return 'offline';
  }
}
