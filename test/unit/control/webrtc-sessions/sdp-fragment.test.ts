import fc from 'fast-check';
import t from 'tap';
import { parseSdpFragment } from '#control/webrtc-sessions/sdp-fragment.ts';
import { OnairError } from '#core/domain/errors.ts';
import { iceCandidate } from '#core/protocol/signaling.ts';

const host = 'candidate:1 1 udp 2130706431 192.168.1.5 54321 typ host';
const candidate = (text: string, sdpMid: string, sdpMLineIndex: number, usernameFragment?: string) => ({
  candidate: text,
  sdpMid,
  sdpMLineIndex,
  usernameFragment,
});

const fragments: { what: string; lines: string[]; found: unknown[] }[] = [
  { what: 'nothing', lines: [], found: [] },
  {
    what: 'the example of RFC 8840',
    lines: [
      'a=ice-ufrag:EsAw',
      'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1',
      'm=audio 9 RTP/AVP 0',
      'a=mid:0',
      `a=${host}`,
    ],
    found: [candidate(host, '0', 0, 'EsAw')],
  },
  {
    what: 'two sections',
    lines: [
      'm=audio 9 RTP/AVP 0',
      'a=mid:audio',
      `a=${host}`,
      'm=video 9 RTP/AVP 0',
      'a=mid:video',
      `a=${host}`,
    ],
    found: [candidate(host, 'audio', 0), candidate(host, 'video', 1)],
  },
  {
    what: 'the end of candidates, between others',
    lines: ['a=mid:0', `a=${host}`, 'a=end-of-candidates', `a=${host}`],
    found: [candidate(host, '0', 0), null, candidate(host, '0', 0)],
  },
  { what: 'candidates before any section', lines: [`a=${host}`], found: [candidate(host, '0', 0)] },
  {
    what: 'the name of the last section does not name the next',
    lines: ['m=audio 9 RTP/AVP 0', 'a=mid:7', 'm=video 9 RTP/AVP 0', `a=${host}`],
    found: [candidate(host, '0', 1)],
  },
  {
    what: 'lines that are of no use here',
    lines: ['a=group:BUNDLE 0 1', 'a=ice-options:trickle', 's=-', '', `a=${host}`],
    found: [candidate(host, '0', 0)],
  },
];
for (const { what, lines, found } of fragments) {
  t.test(what, (t) => {
    for (const end of ['\r\n', '\n'])
      t.same(parseSdpFragment(lines.map((line) => `${line}${end}`).join('')).candidates, found);
    t.end();
  });
}

t.test('the credentials are those that stand first, and must be valid ones', (t) => {
  const pwd = 'P2uYro0UCOQ4zxjKXaWCBui1';
  const text = `m=audio 9 RTP/AVP 0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:${pwd}\r\nm=video 9 RTP/AVP 0\r\na=ice-ufrag:other\r\n`;
  t.match(parseSdpFragment(text), { iceUfrag: 'EsAw', icePwd: pwd });
  t.match(parseSdpFragment(`a=${host}\r\n`), { iceUfrag: null, icePwd: null });
  for (const line of ['a=ice-ufrag:abc', 'a=ice-ufrag:a b c d', 'a=ice-pwd:short', `a=ice-pwd:${pwd}"`])
    t.throws(() => parseSdpFragment(`${line}\r\n`), { code: 'invalid-message' }, line);
  t.end();
});

t.test('what is no fragment is refused, and so is a flood', (t) => {
  for (const text of ['<html>', '{"candidate":"x"}', 'candidate:1', 'A=x', 'a', 'a=mid:0\n\u0000'])
    t.throws(() => parseSdpFragment(text), { code: 'invalid-message' }, JSON.stringify(text));
  const flood = (count: number) => `a=${host}\r\n`.repeat(count);
  t.equal(parseSdpFragment(flood(64)).candidates.length, 64);
  t.throws(() => parseSdpFragment(flood(65)), { code: 'invalid-message', message: /Too many/ });
  t.throws(() => parseSdpFragment('a=end-of-candidates\r\n'.repeat(1_000)), { code: 'invalid-message' });
  t.end();
});

t.test('what it finds fits the schema of the link, or it is refused', (t) => {
  for (const line of [
    `a=candidate:${'x'.repeat(5_000)}`,
    `a=mid:${'x'.repeat(65)}\na=${host}`,
    `a=ice-ufrag:${'x'.repeat(257)}\na=${host}`,
  ])
    t.throws(() => parseSdpFragment(line), { code: 'invalid-message' }, line.slice(0, 20));
  const line = fc.oneof(
    fc.constantFrom('m=video 9 RTP/AVP 0', 'a=mid:1', 'a=end-of-candidates', `a=${host}`, 'a=ice-ufrag:Fu2G'),
    fc.string({ maxLength: 30 }).map((text) => `a=candidate:${text}`),
    fc.string({ maxLength: 20 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      try {
        return parseSdpFragment(lines.join('\n')).candidates.every(
          (one) => iceCandidate.safeParse(one).success,
        );
      } catch (error) {
        return error instanceof OnairError;
      }
    }),
  );
  t.end();
});
