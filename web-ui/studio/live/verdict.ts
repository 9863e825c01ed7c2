import type { SourceEntry } from '#core/domain/media.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Finding } from '#core/protocol/endpoints/care.ts';
import type { OutputBody } from '#core/protocol/endpoints/outputs.ts';
import type { StudioKey } from '../words/studio-words.ts';

/** Where what is in the way can be fixed. */
export type Place = 'source' | 'settings' | 'box' | 'outputs' | null;

/** Whether the box can go live as it stands, in one word, with the one thing that stands in the way. */
export interface Verdict {
  level: 'ready' | 'almost' | 'not';
  /** A word of the studio, or what the box says; null where nothing is in the way. */
  because: { word: StudioKey } | { reason: Problem } | null;
  /** Where the one action is that fixes it. */
  place: Place;
}

export interface VerdictFacts {
  /** What the box found (`GET /api/v1/findings`); null before the first answer. */
  findings: readonly Finding[] | null;
  daemons: Readonly<Record<string, { up: boolean }>>;
  /** What would be on the air; null where the box does not say. */
  source: SourceEntry | null;
  outputs: readonly OutputBody[];
}

/** Without them there is no broadcast; the others can be missed for a while. */
const needed = ['media', 'egress'];
/** What a second try does not fix: another source is needed, or this one has to come back. */
const ofSource = /^(source-|no-camera$|clip-|no-frames$|no-pictures$|remote-)/;

/**
 * What the box found, said in words that belong to a page: the box's own name commands, which only a shell has. All
 * else is said as the box says it.
 */
const words: Readonly<Record<string, StudioKey>> = {
  services: 'verdictDaemon',
  'no-network': 'verdictNoNetwork',
  'own-network': 'verdictOwnNetwork',
  'weak-wifi': 'verdictWeakWifi',
  'under-voltage': 'underVoltage',
  'too-hot': 'verdictThrottled',
  'battery-low': 'verdictBattery',
};

/** The worst first: what makes a broadcast impossible, then what would spoil it. */
export function verdictOf({ findings, daemons, source, outputs }: VerdictFacts): Verdict {
  if (needed.some((name) => daemons[name]?.up === false))
    return { level: 'not', because: { word: 'verdictDaemon' }, place: 'box' };
  if (source?.state === 'failed') {
    const because = source.reason ? { reason: source.reason } : ({ word: 'verdictSource' } as const);
    return { level: 'not', because, place: 'source' };
  }
  const wrong = (findings ?? []).filter(({ level }) => level !== 'ok').map(verdictOn);
  // Another source is chosen since the last broadcast failed: what was wrong with the old one is history.
  const known = wrong.filter(({ place }) => place !== 'source' || source?.state !== 'ready');
  const worst = known.find(({ level }) => level === 'not') ?? known[0];
  if (worst) return worst;
  if (source?.state === 'waiting')
    return { level: 'almost', because: { word: 'verdictWaiting' }, place: 'source' };
  if (outputs.some(({ enabled, complaints }) => enabled && complaints.length > 0))
    return { level: 'almost', because: { word: 'verdictOutput' }, place: 'outputs' };
  return { level: 'ready', because: null, place: null };
}

function verdictOn({ level, code, what, action }: Finding): Verdict {
  const word = words[code];
  const place = placeOf(code);
  return {
    level: level === 'problem' && place === 'source' ? 'not' : 'almost',
    because: word ? { word } : { reason: { code, message: sentence(what), action: action ?? '' } },
    place,
  };
}

/** "no network" as it stands in a list, for a line of its own. */
const sentence = (text: string): string =>
  `${text.charAt(0).toLocaleUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;

/** Where a finding of the box can be fixed; null for what is done by hand. */
export function placeOf(code: string): Place {
  if (ofSource.test(code)) return 'source';
  if (/^output-/.test(code)) return 'outputs';
  if (/^(under-voltage|too-hot|battery-)/.test(code)) return null;
  const settings =
    /^(audio-|encoder-|webrtc-|wifi-|weak-wifi|no-network|own-network|hub-|redis-|mqtt-|rtsp-|stored-settings|settings-|request-)/;
  return settings.test(code) ? 'settings' : 'box';
}
