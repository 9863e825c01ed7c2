/** One picture as it was shown, with what was read off its pixels. */
export interface ShownPicture {
  /** Wall clock at which it was shown. */
  atMs: number;
  /** Wall clock burnt in at capture, and the frame counter; null where the picture has no stamp. */
  clockMs: number | null;
  frame: number | null;
  /** Differs where the pictures differ. */
  print: number;
}

/** What the newest peer connection has received. */
export interface Received {
  /** Peer connections that this page has made so far. */
  connections: number;
  state: string;
  framesDecoded: number;
  audioPackets: number;
  /** RTCInboundRtpStreamStats.totalAudioEnergy: nothing for silence. */
  audioEnergy: number;
}
