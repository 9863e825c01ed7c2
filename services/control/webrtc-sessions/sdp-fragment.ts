import { OnairError } from '#core/domain/errors.ts';
import { type IceCandidate, iceCandidate } from '#core/protocol/signaling.ts';

const maxCandidates = 64;

/** What a client says of its ICE agent. */
export interface SdpFragment {
  /** In order; `null` ends them. */
  candidates: IceCandidate[];
  /** Of its first section; null without one. */
  mid: string | null;
  /** The credentials that stand in it first; null where none do. */
  iceUfrag: string | null;
  icePwd: string | null;
}

/**
 * Reads an `application/trickle-ice-sdpfrag` (RFC 8840).
 * @throws OnairError `invalid-message`
 */
export function parseSdpFragment(text: string): SdpFragment {
  const candidates: IceCandidate[] = [];
  let sdpMid: string | null = null;
  let sdpMLineIndex = -1;
  let usernameFragment: string | undefined;
  let iceUfrag: string | null = null;
  let icePwd: string | null = null;
  let mid: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('a=ice-ufrag:')) {
      usernameFragment = line.slice('a=ice-ufrag:'.length).trim();
      iceUfrag ??= usernameFragment;
    } else if (line.startsWith('a=ice-pwd:')) icePwd ??= line.slice('a=ice-pwd:'.length).trim();
    else if (line.startsWith('m=')) {
      sdpMLineIndex += 1;
      sdpMid = null;
    } else if (line.startsWith('a=mid:')) {
      sdpMid = line.slice('a=mid:'.length).trim();
      mid ??= sdpMid;
    } else if (line.startsWith('a=candidate:')) {
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
  if (iceUfrag !== null && !/^[A-Za-z0-9+/]{4,256}$/.test(iceUfrag))
    throw new OnairError('invalid-message', 'The ICE user name (a=ice-ufrag) is not valid (RFC 8839, 5.4).');
  if (icePwd !== null && !/^[A-Za-z0-9+/]{22,256}$/.test(icePwd))
    throw new OnairError('invalid-message', 'The ICE password (a=ice-pwd) is not valid (RFC 8839, 5.4).');
  if (mid !== null && !/^[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}$/.test(mid))
    throw new OnairError('invalid-message', 'The name of a section (a=mid) is not valid (RFC 5888, 4).');
  return { candidates, mid, iceUfrag, icePwd };
}

/** Our end after an ICE restart (WHEP, "ICE Restarts"). */
export function writeSdpFragment(ice: {
  iceUfrag: string;
  icePwd: string;
  iceLite: boolean;
  /** `candidate:…` lines. */
  candidates: string[];
  /** As the client named the section; it stands for the bundle. */
  mid: string | null;
}): string {
  return [
    ...(ice.iceLite ? ['a=ice-lite'] : []),
    'a=ice-options:trickle',
    ...(ice.mid === null ? [] : [`a=group:BUNDLE ${ice.mid}`]),
    'm=video 9 UDP/TLS/RTP/SAVPF 0',
    ...(ice.mid === null ? [] : [`a=mid:${ice.mid}`]),
    `a=ice-ufrag:${ice.iceUfrag}`,
    `a=ice-pwd:${ice.icePwd}`,
    ...ice.candidates.map((candidate) => `a=${candidate}`),
    'a=end-of-candidates',
    '',
  ].join('\r\n');
}
