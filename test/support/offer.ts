/** What an SDP offer of a viewer is to look like. */
export interface OfferOptions {
  /** The video codec's name; null leaves the video section out. */
  video?: 'H264' | 'VP8' | null;
  audio?: boolean;
}

const fingerprint = Array.from({ length: 32 }, (_, at) =>
  (at * 7 + 16).toString(16).padStart(2, '0').toUpperCase(),
);

/** A viewer's offer as browsers write it, of a viewer that will never send a packet. */
export function offerText({ video = 'H264', audio = true }: OfferOptions = {}): string {
  const transport = [
    'c=IN IP4 0.0.0.0',
    'a=rtcp-mux',
    'a=recvonly',
    'a=setup:actpass',
    'a=ice-ufrag:Fu2G',
    'a=ice-pwd:3Pn7zVxKq0LmT5rYcJ8wHdNs',
    `a=fingerprint:sha-256 ${fingerprint.join(':')}`,
  ];
  const sections = [
    ...(video === null
      ? []
      : [
          'm=video 9 UDP/TLS/RTP/SAVPF 102',
          'a=mid:0',
          ...transport,
          `a=rtpmap:102 ${video}/90000`,
          ...(video === 'H264'
            ? ['a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f']
            : []),
          'a=rtcp-fb:102 nack',
          'a=rtcp-fb:102 nack pli',
        ]),
    ...(audio
      ? ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:1', ...transport, 'a=rtpmap:111 opus/48000/2']
      : []),
  ];
  const mids = [...(video === null ? [] : ['0']), ...(audio ? ['1'] : [])].join(' ');
  const session = [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mids}`,
  ];
  return [...session, ...sections, ''].join('\r\n');
}
