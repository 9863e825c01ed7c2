import type { Problem } from '#core/domain/problem.ts';

/** How an attempt ended, as the process that sends tells it. */
export interface SenderFailure {
  /** Before or after the destination took what is sent. */
  stage: 'connect' | 'stream';
  /** From the first try to connect to the failure. */
  afterMs: number;
  /** The library's own names: `gst-resource-error-quark`, `onair`, `http`. */
  domain: string;
  code: number;
  /** Without secrets. */
  message: string;
  details: string;
}

/** Whether the destination answered and refused, and why in words for people. */
export interface Verdict {
  refused: boolean;
  reason: Problem;
}

const again = 'It is tried again by itself every 2 s.';
const reason = (code: string, message: string, action: string): Problem => ({ code, message, action });

export const lineTooSlow = (droppedFrames: number): Problem =>
  reason(
    'line-too-slow',
    `The line to the destination is too slow for the bitrate: ${droppedFrames} pictures were left out.`,
    'Lower video.bitrateKbps, or use a faster line.',
  );

const keyRefused = reason(
  'key-refused',
  'The destination does not take this stream key.',
  'Copy the key again from the platform, and set it with onair outputs or in the studio.',
);
const certificateRefused = reason(
  'certificate-invalid',
  "The destination's certificate can't be trusted, so nothing was sent.",
  "Check the address and the box's clock; the certificate must be valid for that name.",
);

/** By what the libraries say, the first that fits. */
const table: readonly (readonly [RegExp, Verdict])[] = [
  [/certificate|g-tls-error/i, { refused: true, reason: certificateRefused }],
  [/'publish' cmd failed|not authori[sz]ed|badname|denied/i, { refused: true, reason: keyRefused }],
  [
    /'connect' cmd failed|'createStream' cmd failed/i,
    {
      refused: true,
      reason: reason(
        'application-refused',
        'The destination answered, and knows no such application.',
        'Check the address: the part before the key.',
      ),
    },
  ],
  [
    /g-resolver-error|name or service not known|ENOTFOUND|EAI_AGAIN/i,
    {
      refused: false,
      reason: reason(
        'name-unknown',
        "The destination's name could not be looked up.",
        `Check the address and the network. ${again}`,
      ),
    },
  ],
  [
    /connection refused|ECONNREFUSED/i,
    {
      refused: false,
      reason: reason(
        'nobody-listens',
        'Nothing listens at that address and port.',
        `Start the destination, or check the address. ${again}`,
      ),
    },
  ],
  [
    /element of GStreamer is missing/,
    {
      refused: true,
      reason: reason(
        'element-missing',
        'A part of GStreamer is missing on this machine.',
        'Install gstreamer1.0-plugins-bad and gstreamer1.0-plugins-good.',
      ),
    },
  ],
];

/** SRT refuses within a round trip; without an answer it gives up after 3 s (srt.h, SRTO_CONNTIMEO). */
const srtRefusesWithinMs = 2_500;
/** Who is cut off so soon after being let in was not let in. */
const cutOffWithinMs = 3_000;

/** The same key or passphrase was right a moment ago. */
const stillThere = reason(
  'still-connected',
  'The destination refuses the stream, and took it before: it may not know yet that the connection before is over.',
  again,
);

/**
 * What a failed attempt means.
 * @param history.liveMs how long the destination took what was sent
 * @param history.tookIt it has taken the stream earlier in this broadcast
 */
export function verdictOf(
  kind: 'rtmp' | 'srt' | 'whip',
  failure: SenderFailure,
  { liveMs, tookIt }: { liveMs: number; tookIt: boolean },
): Verdict {
  const verdict = verdictAlone(kind, failure, liveMs);
  const isSecret = ['key-refused', 'passphrase-refused'].includes(verdict.reason.code);
  return tookIt && isSecret && kind !== 'whip' ? { refused: false, reason: stillThere } : verdict;
}

function verdictAlone(kind: 'rtmp' | 'srt' | 'whip', failure: SenderFailure, liveMs: number): Verdict {
  const { stage, domain, code, message, details } = failure;
  if (domain === 'http') return httpVerdict(code);
  const text = `${message} ${details}`;
  const known = table.find(([pattern]) => pattern.test(text));
  if (known && stage === 'connect') return known[1];
  if (kind === 'srt' && stage === 'connect' && failure.afterMs < srtRefusesWithinMs) {
    return {
      refused: true,
      reason: reason(
        'passphrase-refused',
        'The destination refused the connection: passphrase or stream id are wrong.',
        'Set the ones that the destination has.',
      ),
    };
  }
  if (stage === 'connect') {
    return {
      refused: false,
      reason: reason(
        'no-answer',
        'The destination does not answer.',
        `Check the address and the network. ${again}`,
      ),
    };
  }
  if (liveMs < cutOffWithinMs && /closed|reset/i.test(text)) {
    return {
      refused: true,
      reason: reason(
        'cut-off',
        'The destination ended the stream as soon as it began: the key may be wrong or in use.',
        'Check the key, and whether the platform expects this broadcast.',
      ),
    };
  }
  return {
    refused: false,
    reason: reason('connection-lost', 'The connection to the destination broke.', again),
  };
}

/** A WHIP endpoint's answer (RFC 9725, 4.2). */
function httpVerdict(status: number): Verdict {
  if (status === 401 || status === 403) {
    return {
      refused: true,
      reason: reason(
        'key-refused',
        'The destination does not take this token.',
        'Copy the token again from the platform, and set it as the key.',
      ),
    };
  }
  if (status >= 400 && status < 500) {
    return {
      refused: true,
      reason: reason(
        'address-refused',
        `The destination answered ${status}: there is no such endpoint, or it is in use.`,
        'Check the address.',
      ),
    };
  }
  return {
    refused: false,
    reason: reason('unavailable', `The destination answered ${status}: it can't take the stream now.`, again),
  };
}
