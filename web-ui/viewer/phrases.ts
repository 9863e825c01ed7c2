import type { Say } from '../page/language.ts';
import type { Delay } from '../player/delay-estimate.ts';
import type { ShownState } from '../player/shown-state.ts';
import type { Way, WayChoice } from '../player/way-chooser.ts';
import type { ViewerKey } from './words.ts';

/** How the page's words are put together. */

export type Speak = Say<ViewerKey>;

export type Icon =
  | 'off-air'
  | 'starting'
  | 'live'
  | 'pause'
  | 'retrying'
  | 'trouble'
  | 'full'
  | 'lock'
  | 'unreachable';

export interface Notice {
  icon: Icon;
  heading: string;
  text: string;
}

/** What a state needs to be told well. */
export interface NoticeContext {
  live: boolean | null;
  /** It was on air while this page was open. */
  wasLive: boolean;
  /** Where the page came from: "onair.local". */
  host: string;
  /** The browser says that this device has a network. */
  online: boolean;
  /** The viewer paused it. */
  paused: boolean;
  /** Somebody goes back in time, or forward again. */
  shifting: boolean;
  /** How far behind live it is meant to be; null where it is live. */
  behindSeconds: number | null;
}

export function noticeOf(say: Speak, state: ShownState, context: NoticeContext): Notice {
  const { live, wasLive, host } = context;
  switch (state) {
    case 'live': {
      const { behindSeconds } = context;
      if (context.paused) return { icon: 'pause', heading: say('paused'), text: '' };
      if (behindSeconds === null) return { icon: 'live', heading: say('live'), text: '' };
      const delay = `${Math.round(behindSeconds)} s`;
      return { icon: 'live', heading: say('behind', { delay }), text: '' };
    }
    case 'offline':
      return { icon: 'off-air', heading: say(wasLive ? 'ended' : 'offline'), text: say('offlineText') };
    case 'starting':
      return live === false
        ? { icon: 'starting', heading: say('starting'), text: say('startingText') }
        : { icon: 'starting', heading: say('connecting'), text: say('connectingText') };
    case 'retrying':
      if (context.shifting && live)
        return { icon: 'starting', heading: say('goingBack'), text: say('goingBackText') };
      return live === false
        ? { icon: 'retrying', heading: say('camera'), text: say('retryingText') }
        : { icon: 'retrying', heading: say('retrying'), text: say('retryingText') };
    case 'failed':
      return { icon: 'trouble', heading: say('failed'), text: say('failedText') };
    case 'full':
      return { icon: 'full', heading: say('full'), text: say('fullText') };
    case 'locked':
      return { icon: 'lock', heading: say('locked'), text: say('lockedText') };
    case 'removed':
      return { icon: 'lock', heading: say('removed'), text: say('removedText') };
    case 'unreachable':
      return context.online
        ? { icon: 'unreachable', heading: say('unreachable', { host }), text: say('unreachableText') }
        : { icon: 'unreachable', heading: say('noNetwork'), text: say('noNetworkText') };
  }
}

export function titleOf(say: Speak, state: ShownState, title: string): string {
  const prefixes: Record<ShownState, string> = {
    live: `● ${say('live')}`,
    offline: say('titleOffline'),
    starting: say('starting'),
    retrying: say('retrying'),
    failed: say('titleFailed'),
    full: say('titleFull'),
    locked: say('titleLocked'),
    removed: say('titleRemoved'),
    unreachable: say('titleUnreachable'),
  };
  return `${prefixes[state]} · ${title}`;
}

/** The text of a choice; the automatic one says what it has chosen. */
export function choiceText(say: Speak, choice: WayChoice, way: Way | null): string {
  if (choice !== 'auto') return say(choice);
  return way ? say('autoBy', { way: say(way) }) : say('auto');
}

export interface Quality {
  /** Lines of the picture as decoded. */
  height: number;
  framesPerSecond: number | null;
  bitrateKbps: number | null;
}

/** "720p · 30 fps · 3.0 Mbit/s", as far as it is known. */
export function qualityText({ height, framesPerSecond, bitrateKbps }: Quality, language: string): string {
  const parts: string[] = [];
  if (height > 0) parts.push(`${height}p`);
  if (framesPerSecond !== null && framesPerSecond > 0) parts.push(`${Math.round(framesPerSecond)} fps`);
  if (bitrateKbps !== null && bitrateKbps > 0) parts.push(bitrateText(bitrateKbps, language));
  return parts.join(' · ') || '–';
}

function bitrateText(kbps: number, language: string): string {
  return kbps < 1000 ? `${Math.round(kbps / 10) * 10} kbit/s` : `${tenths(kbps / 1000, language)} Mbit/s`;
}

/** "80 ms", "1.2 s"; never more exact than it is. */
export function delayText(delay: Delay | null, language: string): string {
  if (delay === null) return '–';
  if (delay.ms < 995) return `${Math.max(10, Math.round(delay.ms / 10) * 10)} ms`;
  return `${tenths(delay.ms / 1000, language)} s`;
}

function tenths(value: number, language: string): string {
  return value.toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** What a delay was measured from, for whoever wants to know. */
export function delayMeaning(say: Speak, { basis }: Delay): string {
  return say(basis === 'capture' ? 'sinceCapture' : 'sinceSent');
}
