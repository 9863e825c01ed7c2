import type { SourceEntry } from '#core/domain/media.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { OutputBody } from '#core/protocol/endpoints/outputs.ts';
import type { BoxStatus } from '../box.ts';
import type { StudioKey } from '../words/studio-words.ts';

/** Where what is in the way can be mended. */
export type Place = 'source' | 'settings' | 'box' | 'outputs' | null;

/** Whether the box can go live as it stands, in one word, with the one thing that stands in the way. */
export interface Verdict {
  level: 'ready' | 'almost' | 'not';
  /** A word of the studio, or what the box says; null where nothing is in the way. */
  because: { word: StudioKey } | { reason: Problem } | null;
  /** Where the one action is that mends it. */
  place: Place;
}

export interface VerdictFacts {
  status: BoxStatus;
  /** What would be on the air; null where the box does not say. */
  source: SourceEntry | null;
  outputs: readonly OutputBody[];
  freeBytes: number | null;
}

/** Logs, recordings and updates need some room. */
const littleFreeBytes = 300e6;
/** Without them there is no broadcast; the others can be missed for a while. */
const needed = ['media', 'egress'];
/** What a second try does not mend: another source is needed, or this one has to come back. */
const ofSource = /^(source-|no-camera$|clip-|no-frames$|no-pictures$)/;

/** The worst first: what makes a broadcast impossible, then what would spoil it. */
export function verdictOf({ status, source, outputs, freeBytes }: VerdictFacts): Verdict {
  const { daemons = {}, problems = [], telemetry, broadcast, device } = status;
  if (needed.some((name) => daemons[name]?.up === false)) return not({ word: 'verdictDaemon' }, 'box');
  if (source?.state === 'failed') {
    return source.reason
      ? not({ reason: source.reason }, 'source')
      : not({ word: 'verdictSource' }, 'source');
  }
  const { reason } = broadcast;
  if (broadcast.state === 'failed' && reason) {
    return ofSource.test(reason.code) ? not({ reason }, 'source') : almost({ reason }, placeOf(reason.code));
  }
  if (telemetry.underVoltage) return almost({ word: 'underVoltage' }, null);
  if (device.address === null) return almost({ word: 'verdictNoNetwork' }, 'settings');
  const [problem] = problems;
  if (problem) return almost({ reason: problem }, placeOf(problem.code));
  if (freeBytes !== null && freeBytes < littleFreeBytes) return almost({ word: 'verdictDisk' }, 'box');
  if (source?.state === 'waiting') return almost({ word: 'verdictWaiting' }, 'source');
  if (telemetry.throttled) return almost({ word: 'verdictThrottled' }, 'settings');
  const complaint = outputs.find(({ enabled, complaints }) => enabled && complaints.length > 0);
  if (complaint) return almost({ word: 'verdictOutput' }, 'outputs');
  return { level: 'ready', because: null, place: null };
}

const not = (because: Verdict['because'], place: Place): Verdict => ({ level: 'not', because, place });
const almost = (because: Verdict['because'], place: Place): Verdict => ({ level: 'almost', because, place });

/** Where a finding of the box can be mended. */
export function placeOf(code: string): Place {
  if (ofSource.test(code)) return 'source';
  if (/^(audio-|encoder-|webrtc-|wifi-|hub-|redis-|stored-settings|settings-|request-)/.test(code))
    return 'settings';
  return 'box';
}
