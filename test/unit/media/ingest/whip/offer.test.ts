import t from 'tap';
import { completeAnswer } from '#media/ingest/whip/answer.ts';
import { OfferRefusal, reduceOffer } from '#media/ingest/whip/offer.ts';

const session = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n';
const transport = `a=ice-ufrag:abcd\r\na=ice-pwd:${'p'.repeat(22)}\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\na=rtcp-mux\r\n`;
const audio = `m=audio 9 UDP/TLS/RTP/SAVPF 0 111\r\na=mid:0\r\na=sendonly\r\n${transport}a=rtpmap:0 PCMU/8000\r\na=rtpmap:111 opus/48000/2\r\n`;
const data = `m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n${transport}a=sctp-port:5000\r\n`;
const video = (formats: Record<string, string>, direction = 'sendonly') =>
  [
    `m=video 9 UDP/TLS/RTP/SAVPF ${Object.keys(formats).join(' ')}\r\na=mid:2\r\na=${direction}\r\n${transport}`,
    'a=rid:hi send\r\na=simulcast:send hi\r\n',
    ...Object.entries(formats).map(
      ([type, name]) => `a=rtpmap:${type} ${name}\r\na=rtcp-fb:${type} nack\r\n`,
    ),
    'a=fmtp:102 packetization-mode=0;profile-level-id=42001f\r\n',
    'a=fmtp:103 packetization-mode=1;profile-level-id=42e01f\r\n',
  ].join('');
const both = { 96: 'VP8/90000', 102: 'H264/90000', 103: 'H264/90000' };
const refusalOf = (offer: string) => {
  try {
    reduceOffer(offer);
    return null;
  } catch (error) {
    return error instanceof OfferRefusal ? error.refusal : error;
  }
};

t.test('one codec of each section is left, without layers', async (t) => {
  const { sdp, tracks, rejected } = reduceOffer(session + audio + video(both));
  t.same(tracks, [
    { media: 'audio', codec: 'opus', payloadType: 111 },
    { media: 'video', codec: 'h264', payloadType: 103 },
  ]);
  t.same(rejected, []);
  t.match(sdp, /m=video 9 UDP\/TLS\/RTP\/SAVPF 103\r\n/);
  t.notMatch(sdp, /VP8|PCMU|a=rid|simulcast|:102/);
  const { tracks: others } = reduceOffer(session + video({ 96: 'VP8/90000' }));
  t.same(others, [{ media: 'video', codec: 'vp8', payloadType: 96 }]);
});

t.test("H.264's parameter sets go to the decoder where the offer has them", async (t) => {
  const offer = session + video({ 103: 'H264/90000' });
  const sets = 'Z0LAHtkAoD2hAAADAAEAAAMAHg8WLkg=,aMuMsg==';
  const { tracks, sdp } = reduceOffer(offer.replace('42e01f', `42e01f;sprop-parameter-sets=${sets}`));
  t.same(tracks, [{ media: 'video', codec: 'h264', payloadType: 103, parameterSets: sets }]);
  t.match(sdp, /sprop-parameter-sets/);
});

t.test('a data channel is rejected at its place, with a transport', async (t) => {
  const offer = reduceOffer(session + audio + data + video(both));
  t.match(offer.sdp, /a=group:BUNDLE 0 2\r\n/);
  t.notMatch(offer.sdp, /m=application/);
  const answer = `v=0\r\n${audio}a=ice-lite\r\na=rtcp-mux\r\n${video(both)}`;
  const sections = completeAnswer(answer, offer).split(/^(?=m=)/m);
  t.match(sections[0], /a=ice-lite\r\n$/);
  t.same(
    sections.slice(1).map((section) => section.split(' ').slice(0, 2).join(' ')),
    ['m=audio 9', 'm=application 0', 'm=video 9'],
  );
  t.match(sections[2], /a=mid:1\r\na=ice-ufrag:abcd/);
  t.match(sections[1], /a=rtcp-mux\r\na=rtcp-mux-only\r\n/);
});

t.test('a section that the offer takes back is rejected, one that is bundle-only is not', async (t) => {
  const withdrawn = audio.replace('m=audio 9', 'm=audio 0');
  const { sdp, tracks, rejected } = reduceOffer(session + withdrawn + video(both));
  t.same(
    tracks.map(({ media }) => media),
    ['video'],
  );
  t.match(rejected, [{ index: 0, mid: 'a=mid:0\r\n' }]);
  t.match(sdp, /a=group:BUNDLE 1 2\r\n/);
  const bundled = reduceOffer(session + video(both) + withdrawn.replace('a=mid', 'a=bundle-only\r\na=mid'));
  t.same(
    bundled.tracks.map(({ media }) => media),
    ['video', 'audio'],
  );
});

t.test('header extensions come once, and nothing is mixed that the offer does not mix', async (t) => {
  const mids = [4, 5].map((id) => `a=extmap:${id} urn:ietf:params:rtp-hdrext:sdes:mid\r\n`).join('');
  const offer = reduceOffer(`${session}${video(both)}${mids}`);
  t.same(offer.sdp.match(/a=extmap:.*/g), ['a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid']);
  t.notMatch(completeAnswer(`v=0\r\na=extmap-allow-mixed\r\n${video(both)}`, offer), /extmap-allow-mixed/);
});

t.test('what cannot be answered is told apart', async (t) => {
  t.equal(refusalOf('hello'), 'malformed');
  t.equal(refusalOf(session + audio), 'no-codec');
  t.equal(refusalOf(session + video({ 98: 'AV1/90000' })), 'no-codec');
  t.equal(
    refusalOf(session + audio.replace('opus', 'NOSUCH') + video(both)),
    'no-codec',
    'no part of an offer',
  );
  t.equal(refusalOf(session + video(both) + video(both)), 'no-codec', 'one picture');
  t.equal(refusalOf(session + video(both, 'recvonly')), 'malformed');
  t.equal(refusalOf((session + video(both)).replaceAll('a=fingerprint', 'a=x')), 'malformed');
  t.equal(refusalOf((session + video(both)).replaceAll('a=rtcp-mux', 'a=x')), 'malformed', 'RFC 8035');
});
