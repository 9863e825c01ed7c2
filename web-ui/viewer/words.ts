import type { Reason } from '#core/domain/media.ts';
import type { Delay } from '../player/delay-estimate.ts';
import type { ShownState } from '../player/shown-state.ts';
import type { Way, WayChoice } from '../player/way-chooser.ts';

/** All that the page says to people is in this file. */

export type Icon = 'off-air' | 'starting' | 'live' | 'retrying' | 'trouble' | 'full' | 'unreachable';

export interface Notice {
  icon: Icon;
  heading: string;
  text: string;
}

/** What a state needs to be told well. */
export interface NoticeContext {
  /** What the server says behind `live: false`. */
  reason: Reason | null;
  live: boolean | null;
  /** It was on air while this page was open. */
  wasLive: boolean;
  /** Where the page came from: "onair.local". */
  host: string;
}

export function noticeOf(state: ShownState, { reason, live, wasLive, host }: NoticeContext): Notice {
  switch (state) {
    case 'live':
      return { icon: 'live', heading: 'Live', text: '' };
    case 'offline':
      return {
        icon: 'off-air',
        heading: wasLive ? 'The broadcast has ended' : 'Not on air yet',
        text: 'Leave this page open: the picture starts by itself the moment the button is pressed.',
      };
    case 'starting':
      return live === false
        ? { icon: 'starting', heading: 'Starting', text: reason?.message ?? 'The camera is warming up.' }
        : { icon: 'starting', heading: 'Connecting', text: 'The picture is on its way.' };
    case 'retrying':
      return live === false
        ? {
            icon: 'retrying',
            heading: 'Reconnecting to the camera',
            text: reason?.message ?? 'The picture comes back by itself.',
          }
        : { icon: 'retrying', heading: 'Reconnecting', text: 'The picture comes back by itself.' };
    case 'failed':
      return {
        icon: 'trouble',
        heading: 'The broadcast could not start',
        text: reason
          ? `${reason.message} ${reason.action}`
          : 'Look after the camera, then press the button again.',
      };
    case 'full':
      return {
        icon: 'full',
        heading: 'Every place is taken',
        text: 'You are in as soon as somebody leaves: this page keeps trying by itself.',
      };
    case 'unreachable':
      return {
        icon: 'unreachable',
        heading: `${host} does not answer`,
        text: 'Is the box switched on, and is this device on the same network? This page keeps trying by itself.',
      };
  }
}

export function titleOf(state: ShownState, title: string): string {
  const prefix: Record<ShownState, string> = {
    live: '● Live',
    offline: 'Off air',
    starting: 'Starting',
    retrying: 'Reconnecting',
    failed: 'Trouble',
    full: 'Full',
    unreachable: 'No answer',
  };
  return `${prefix[state]} · ${title}`;
}

export const wayNames: Record<Way, string> = { webrtc: 'WebRTC', hls: 'LL-HLS' };

/** The text of a choice; the automatic one says what it has chosen. */
export function choiceText(choice: WayChoice, way: Way | null): string {
  if (choice !== 'auto') return wayNames[choice];
  return way ? `Automatic (${wayNames[way]})` : 'Automatic';
}

export interface Quality {
  /** Lines of the picture as decoded. */
  height: number;
  framesPerSecond: number | null;
  bitrateKbps: number | null;
}

/** "720p · 30 fps · 3.0 Mbit/s", as far as it is known. */
export function qualityText({ height, framesPerSecond, bitrateKbps }: Quality): string {
  const parts: string[] = [];
  if (height > 0) parts.push(`${height}p`);
  if (framesPerSecond !== null && framesPerSecond > 0) parts.push(`${Math.round(framesPerSecond)} fps`);
  if (bitrateKbps !== null && bitrateKbps > 0) parts.push(bitrateText(bitrateKbps));
  return parts.join(' · ') || '–';
}

function bitrateText(kbps: number): string {
  return kbps < 1000 ? `${Math.round(kbps / 10) * 10} kbit/s` : `${(kbps / 1000).toFixed(1)} Mbit/s`;
}

/** "80 ms", "1.2 s"; never more exact than it is. */
export function delayText(delay: Delay | null): string {
  if (delay === null) return '–';
  if (delay.ms < 995) return `${Math.max(10, Math.round(delay.ms / 10) * 10)} ms`;
  return `${(delay.ms / 1000).toFixed(1)} s`;
}

/** What the delay was measured from, for whoever wants to know. */
export const delayMeaning: Record<Delay['basis'], string> = {
  capture: 'Measured from the camera to this screen, by the clock of the box.',
  sent: 'Measured from the moment it left the box to this screen; the camera and its encoder come on top.',
};
