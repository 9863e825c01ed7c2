import fc from 'fast-check';
import t from 'tap';
import { OfferError } from '#egress/sdp/offer-error.ts';
import { readOffer } from '#egress/sdp/viewer-offer.ts';
import { offerText } from '#test/support/offer.ts';

/** The reason an offer is refused with; fails if it is taken. */
function refusal(sdp: string): string {
  try {
    readOffer(sdp);
  } catch (error) {
    if (error instanceof OfferError) return error.message;
    throw error;
  }
  throw new Error('the offer was taken');
}

const edit = (...changes: [string | RegExp, string][]): string =>
  changes.reduce(
    (sdp, [from, to]) => sdp.replaceAll(from instanceof RegExp ? new RegExp(from, 'g') : from, to),
    offerText(),
  );

t.test("a browser's offer: what we take from it", async (t) => {
  const offer = readOffer(offerText());
  t.equal(offer.bundled, true);
  t.match(offer.video, {
    payloadType: 102,
    rtpmap: 'H264/90000',
    fmtp: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    feedback: ['nack', 'nack pli'],
  });
  t.match(offer.audio, { payloadType: 111, rtpmap: 'opus/48000/2' });
  t.match(offer.transport, { iceUfrag: 'Fu2G', setup: 'actpass', candidates: [] });
  t.same(
    offer.sections.map(({ kind, mid, codec }) => [kind, mid, codec?.payloadType]),
    [
      ['video', '0', 102],
      ['audio', '1', 111],
    ],
  );
});

t.test('the best H.264 of those offered', async (t) => {
  const formats = (list: [number, string][]): string =>
    edit(
      [
        'm=video 9 UDP/TLS/RTP/SAVPF 102',
        `m=video 9 UDP/TLS/RTP/SAVPF 96 ${list.map(([type]) => type).join(' ')}`,
      ],
      [
        'a=rtpmap:102 H264/90000',
        ['a=rtpmap:96 VP8/90000', ...list.map(([type]) => `a=rtpmap:${type} H264/90000`)].join('\r\n'),
      ],
      [/a=fmtp:102 .*/, list.map(([type, fmtp]) => `a=fmtp:${type} ${fmtp}`).join('\r\n')],
    );
  const constrained = 'packetization-mode=1;profile-level-id=42e01f';
  const table: [string, [number, string][], number][] = [
    [
      'constrained baseline before baseline',
      [
        [97, 'packetization-mode=1;profile-level-id=42001f'],
        [98, constrained],
      ],
      98,
    ],
    [
      'mode 1 before mode 0',
      [
        [97, 'packetization-mode=0;profile-level-id=42e01f'],
        [98, constrained],
      ],
      98,
    ],
    [
      'baseline before high',
      [
        [97, 'profile-level-id=64001f;packetization-mode=1'],
        [98, 'packetization-mode=1;profile-level-id=42001f'],
      ],
      98,
    ],
    [
      'a decoder of a higher profile plays it too',
      [[97, 'packetization-mode=1;profile-level-id=640c1f']],
      97,
    ],
    [
      '42c0 is constrained baseline as well',
      [
        [97, 'packetization-mode=1;profile-level-id=42001f'],
        [98, 'profile-level-id=42C01F; packetization-mode=1'],
      ],
      98,
    ],
    ['no word about the mode, as GStreamer has it', [[97, 'profile-level-id=42e01f']], 97],
    [
      'payload types that would look like RTCP are passed over',
      [
        [72, constrained],
        [98, 'packetization-mode=1'],
      ],
      98,
    ],
  ];
  for (const [name, list, chosen] of table) t.equal(readOffer(formats(list)).video.payloadType, chosen, name);
});

t.test('shapes of offers that clients really send', async (t) => {
  const onlyVideo = readOffer(offerText({ audio: false }));
  t.equal(onlyVideo.audio, null, 'only video');

  const [session, video, audio] = offerText().split(/(?=^m=)/m);
  const audioFirst = readOffer([session, audio, video].join(''));
  t.same(
    audioFirst.sections.map(({ kind }) => kind),
    ['audio', 'video'],
    'audio before video',
  );
  t.equal(audioFirst.audio?.payloadType, 111);

  const data = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n';
  const withData = readOffer(offerText() + data);
  t.match(
    withData.sections[2],
    { kind: 'application', codec: null, format: 'webrtc-datachannel' },
    'a data channel',
  );

  const twoVideos = readOffer(offerText() + (video ?? '').replace('a=mid:0', 'a=mid:2'));
  t.equal(twoVideos.sections[2]?.codec, null, 'a second picture');

  t.equal(readOffer(edit(['a=recvonly', 'a=sendrecv'])).video.payloadType, 102, 'sendrecv');
  t.equal(readOffer(edit(['a=recvonly\r\n', ''])).video.payloadType, 102, 'no direction is sendrecv');
  t.equal(readOffer(edit(['\r\n', '\n'])).video.payloadType, 102, 'lines that end in LF');
  t.equal(readOffer(edit(['a=group:BUNDLE 0 1\r\n', ''])).audio, null, 'without a bundle: the picture alone');
  t.equal(
    readOffer(edit(['BUNDLE 0 1', 'BUNDLE 0'])).audio,
    null,
    'sound outside the bundle would need a port of its own',
  );
  t.equal(readOffer(edit(['opus/48000/2', 'PCMU/8000'])).audio, null, 'no Opus');

  const moved = edit([/a=(fingerprint|ice-ufrag|ice-pwd|setup):.*\r\n/, '']);
  const credentials = /a=(?:fingerprint|ice-ufrag|ice-pwd|setup):.*\r\n/g;
  const atSession = [...(video ?? '').matchAll(credentials)].join('');
  t.equal(
    readOffer(moved.replace('m=video', `${atSession}m=video`)).transport.iceUfrag,
    'Fu2G',
    'transport at session level',
  );
});

t.test('candidates: UDP and IP literals only; names are never looked up', async (t) => {
  const lines = [
    'candidate:1 1 udp 2122260223 192.168.1.4 50000 typ host generation 0 ufrag Fu2G network-id 1',
    'candidate:2 1 UDP 2122260222 fd00::4 50001 typ host',
    'candidate:3 1 udp 1686052607 203.0.113.9 50002 typ srflx raddr 192.168.1.4 rport 50000',
    'candidate:4 1 udp 2122260223 0d3f7a6c-7c3f-4f0e-a7b9-2f1f2b6f7a10.local 50003 typ host',
    'candidate:5 1 tcp 1518280447 192.168.1.4 9 typ host tcptype active',
    'candidate:6 2 udp 2122260222 192.168.1.4 50004 typ host',
    'candidate:7 1 udp 2122260222 999.1.1.1 50004 typ host',
    'candidate:8 1 udp 2122260222 192.168.1.4 0 typ host',
    'candidate:9 1 udp 2122260222 evil.example 50004 typ host',
  ];
  const sdp = edit(['a=mid:0\r\n', `a=mid:0\r\n${lines.map((line) => `a=${line}`).join('\r\n')}\r\n`]);
  t.same(readOffer(sdp).transport.candidates, [
    'candidate:1 1 UDP 2122260223 192.168.1.4 50000 typ host',
    'candidate:2 1 UDP 2122260222 fd00::4 50001 typ host',
    'candidate:3 1 UDP 1686052607 203.0.113.9 50002 typ srflx raddr 192.168.1.4 rport 50000',
  ]);
  const flood = edit(['a=mid:0\r\n', `a=mid:0\r\n${`a=${lines[0]}\r\n`.repeat(500)}`]);
  t.equal(readOffer(flood).transport.candidates.length, 40, 'and not without end');
});

t.test('what is refused, and in which words', async (t) => {
  const table: [string, string, RegExp][] = [
    ['not SDP', 'hello', /not an SDP/],
    ['no sections', 'v=0\r\ns=-\r\n', /no video section/],
    ['no video', offerText({ video: null }), /no video section/],
    ['no H.264', offerText({ video: 'VP8' }), /no H\.264 video with packetization-mode=1.*offers VP8/],
    ['only mode 0', edit(['packetization-mode=1', 'packetization-mode=0']), /packetization-mode=1/],
    ['wants to send', edit(['a=recvonly', 'a=sendonly']), /does not ask to receive video/],
    ['stopped', edit(['m=video 9', 'm=video 0']), /does not ask to receive video/],
    ['without encryption', edit(['UDP/TLS/RTP/SAVPF', 'RTP/AVP']), /DTLS-SRTP/],
    ['no ICE', edit([/a=ice-ufrag:.*\r\n/, '']), /ICE credentials/],
    ['a short ICE password', edit([/a=ice-pwd:.*/, 'a=ice-pwd:short']), /ICE credentials/],
    ['no fingerprint', edit([/a=fingerprint:.*\r\n/, '']), /DTLS fingerprint/],
    [
      'half a fingerprint',
      edit([/a=fingerprint:sha-256 .{10}/, 'a=fingerprint:sha-256 ']),
      /DTLS fingerprint/,
    ],
    ['an unknown hash', edit(['sha-256', 'md5']), /DTLS fingerprint/],
    ['RTCP on a port of its own', edit(['a=rtcp-mux\r\n', '']), /no a=rtcp-mux/],
    ['a strange role', edit(['actpass', 'holdconn']), /DTLS role/],
    [
      'a broken media line',
      edit(['m=video 9 UDP/TLS/RTP/SAVPF 102', 'm=video']),
      /broken media line: "m=video"/,
    ],
    ['lines without end', `${offerText()}${'a=x\r\n'.repeat(3_000)}`, /more than 2000 lines/],
    ['a line without end', `${offerText()}a=${'x'.repeat(5_000)}`, /longer than 2048/],
    [
      'sections without end',
      `${offerText()}${'m=video 9 UDP/TLS/RTP/SAVPF 1\r\n'.repeat(30)}`,
      /more than 20 media sections/,
    ],
  ];
  for (const [name, sdp, words] of table) t.match(refusal(sdp), words, name);
});

t.test('no text makes it throw anything but an OfferError, or leave anything unchecked', async (t) => {
  const lines = offerText().split('\r\n');
  const mutation = fc.record({
    at: fc.nat(lines.length - 1),
    text: fc.oneof(fc.string(), fc.constantFrom(...lines)),
  });
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 4 }), (mutations) => {
      const changed = [...lines];
      for (const { at, text } of mutations) changed[at] = text;
      try {
        const { transport, sections } = readOffer(changed.join('\r\n'));
        const written = JSON.stringify([transport, sections.map(({ mid }) => mid)]);
        return !/[\r\n]|\\r|\\n/.test(written) && /^[A-Za-z0-9+/]+$/.test(transport.icePwd);
      } catch (error) {
        return error instanceof OfferError;
      }
    }),
    { numRuns: 500 },
  );
  t.pass('held');
});
