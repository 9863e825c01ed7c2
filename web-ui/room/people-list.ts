import type { Peer } from '#core/protocol/streamsync.ts';
import { icon, make } from '../page/elements.ts';
import type { Say } from '../page/language.ts';
import type { RoomState } from './room-state.ts';
import type { RoomKey } from './words.ts';

/** A colour of one's own, the same for everybody: turned around the circle by the id. */
function hueOf({ userId }: Peer): number {
  let hash = 0;
  for (const character of userId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % 360;
}

/** The first letter of a name, in a circle. */
export function avatar(peer: Peer): HTMLElement {
  const [first = '?'] = peer.displayName.trim();
  const made = make('span', { class: 'avatar', 'aria-hidden': 'true' }, first.toLocaleUpperCase());
  made.style.setProperty('--hue', String(hueOf(peer)));
  return made;
}

/** Who is here, oneself first; who leads wears a crown. */
export function peopleList(
  say: Say<RoomKey>,
  { people, you, authorityId, hostIds }: RoomState,
): HTMLElement[] {
  return people.map((peer) => {
    const isYou = peer.userId === you?.userId;
    // The name stands for itself, whichever way it is written.
    const [before = '', after = ''] = isYou ? say('you', { name: '|' }).split('|') : [];
    const name = make('bdi', {}, peer.displayName);
    const shown = make('span', { class: 'name' }, before, name, after);
    const part = hostIds.includes(peer.userId) ? 'isHost' : peer.userId === authorityId ? 'leads' : null;
    const crown = part && make('span', { class: 'leads' });
    if (part) crown?.append(icon('crown'), say(part));
    return make('li', {}, avatar(peer), shown, crown);
  });
}
