import t from 'tap';
import { candidateSection, writeAnswer } from '#egress/sdp/answer.ts';
import { parseIceServers } from '#egress/sdp/ice-server.ts';
import { readTransportAnswer, writeTransportOffer } from '#egress/sdp/transport-description.ts';
import { readOffer } from '#egress/sdp/viewer-offer.ts';
import { offerText } from '#test/support/offer.ts';

const local = {
  iceUfrag: 'abcd',
  icePwd: 'abcdefghijklmnopqrstuv',
  fingerprint: { algorithm: 'sha-256', value: 'AA:BB' },
  setup: 'active' as const,
  iceLite: false,
  candidates: ['candidate:1 1 UDP 1 192.0.2.1 8189 typ host'],
  complete: true,
};
const streams = { cname: 'onair', videoSsrc: 1, audioSsrc: 2, repeatSsrc: 3 };

t.test('the answer to picture and sound', async (t) => {
  const answer = writeAnswer(readOffer(offerText()), local, streams);
  t.equal(
    answer,
    [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0 1',
      'a=msid-semantic:WMS *',
      'a=ice-options:trickle',
      'm=video 9 UDP/TLS/RTP/SAVPF 102',
      'c=IN IP4 0.0.0.0',
      'a=rtcp:9 IN IP4 0.0.0.0',
      'a=ice-ufrag:abcd',
      'a=ice-pwd:abcdefghijklmnopqrstuv',
      'a=fingerprint:sha-256 AA:BB',
      'a=setup:active',
      'a=sendonly',
      'a=rtcp-mux',
      'a=rtcp-mux-only',
      'a=rtpmap:102 H264/90000',
      'a=rtcp-fb:102 nack',
      'a=rtcp-fb:102 nack pli',
      'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
      'a=msid:onair',
      'a=ssrc:1 cname:onair',
      'a=candidate:1 1 UDP 1 192.0.2.1 8189 typ host',
      'a=end-of-candidates',
      'a=mid:0',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'c=IN IP4 0.0.0.0',
      'a=rtcp:9 IN IP4 0.0.0.0',
      'a=ice-ufrag:abcd',
      'a=ice-pwd:abcdefghijklmnopqrstuv',
      'a=fingerprint:sha-256 AA:BB',
      'a=setup:active',
      'a=sendonly',
      'a=rtcp-mux',
      'a=rtcp-mux-only',
      'a=rtpmap:111 opus/48000/2',
      'a=fmtp:111 minptime=10;useinbandfec=1',
      'a=msid:onair',
      'a=ssrc:2 cname:onair',
      'a=mid:1',
      '',
    ].join('\r\n'),
  );
});

t.test('what is not wanted stands in its place with port 0, and not in the bundle', async (t) => {
  const offered = `${offerText({ audio: false }).replace('BUNDLE 0', 'BUNDLE 0 d')}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n`;
  const offer = readOffer(offered);
  const answer = writeAnswer(offer, { ...local, complete: false }, streams);
  t.match(answer, /a=group:BUNDLE 0\r\n/);
  t.match(
    answer,
    /m=application 0 UDP\/DTLS\/SCTP webrtc-datachannel\r\nc=IN IP4 0\.0\.0\.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=fingerprint:sha-256 AA:BB\r\na=setup:active\r\na=inactive\r\na=mid:d\r\n$/,
    'with the transport, without which aiortc takes no section',
  );
  t.notMatch(answer, /end-of-candidates|ice-lite/);
  t.match(writeAnswer(offer, { ...local, iceLite: true }, streams), /^[^m]*a=ice-lite\r\n/);
  const alone = readOffer(offerText({ audio: false }).replace(/a=(group|mid).*\r\n/g, ''));
  t.notMatch(writeAnswer(alone, local, streams), /BUNDLE|rtcp-mux-only/, 'nothing is bundled');
  t.same(candidateSection(offer), { sdpMid: '0', sdpMLineIndex: 0 });
});

t.test('engines see an offer of our own making, and nothing else of the viewer', async (t) => {
  const hostile = offerText().replace('s=-', 's=-\r\na=x-evil:1\r\na=ice-lite');
  const { transport } = readOffer(hostile);
  const text = writeTransportOffer(transport);
  t.notMatch(text, /evil|ice-lite|audio|:102/);
  const read = readTransportAnswer(text.replace('actpass', 'passive'));
  t.equal(read.iceUfrag, transport.iceUfrag);
  t.same(read.fingerprint, transport.fingerprint);
  t.throws(() => readTransportAnswer('v=0\r\nm=video 9 RTP 1\r\n'), /has no/);
});

t.test('ICE servers come in parts; what is none is left out', async (t) => {
  const turn = { username: 'u', credential: 'c' };
  t.same(
    parseIceServers([
      { urls: 'stun:stun.example:3478' },
      { urls: ['turn:turn.example?transport=tcp', 'turns:[2001:db8::1]:443'], ...turn },
    ]),
    [
      { kind: 'stun', hostname: 'stun.example', port: 3478, transport: 'udp', username: '', credential: '' },
      {
        kind: 'turn',
        hostname: 'turn.example',
        port: 3478,
        transport: 'tcp',
        username: 'u',
        credential: 'c',
      },
      { kind: 'turn', hostname: '2001:db8::1', port: 443, transport: 'tls', username: 'u', credential: 'c' },
    ],
  );
  const none = [
    'http://x',
    'stun:',
    'stun:a b',
    'turn:no-credentials.example',
    'stun:host:99999',
    'stun:[zz]:1',
  ];
  t.same(parseIceServers(none.map((urls) => ({ urls }))), []);
  t.equal(parseIceServers(Array.from({ length: 50 }, () => ({ urls: 'stun:a' }))).length, 4);
});
