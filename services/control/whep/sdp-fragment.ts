import { OnairError } from '#core/domain/errors.ts';
import { type IceCandidate, iceCandidate } from '#core/protocol/signaling.ts';

const maxCandidates = 64;

/**
 * The candidates of an `application/trickle-ice-sdpfrag` (RFC 8840), in order; `null` ends them.
 * @throws OnairError `invalid-message`
 */
export function parseSdpFragment(text: string): IceCandidate[] {
  const candidates: IceCandidate[] = [];
  let sdpMid: string | null = null;
  let sdpMLineIndex = -1;
  let usernameFragment: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('a=ice-ufrag:')) usernameFragment = line.slice('a=ice-ufrag:'.length).trim();
    else if (line.startsWith('m=')) {
      sdpMLineIndex += 1;
      sdpMid = null;
    } else if (line.startsWith('a=mid:')) sdpMid = line.slice('a=mid:'.length).trim();
    else if (line.startsWith('a=candidate:')) {
      const candidate = iceCandidate.safeParse({
        candidate: line.slice('a='.length).trim(),
        sdpMid: sdpMid ?? '0',
        sdpMLineIndex: Math.max(0, sdpMLineIndex),
        usernameFragment,
      });
      if (!candidate.success) throw new OnairError('invalid-message', 'An ICE candidate is too long.');
      candidates.push(candidate.data);
    } else if (line.startsWith('a=end-of-candidates')) candidates.push(null);
    else if (line !== '' && !/^[a-z]=/.test(line)) {
      throw new OnairError('invalid-message', 'The body is not an SDP fragment (RFC 8840).');
    }
    if (candidates.length > maxCandidates)
      throw new OnairError('invalid-message', 'Too many ICE candidates.');
  }
  return candidates;
}
