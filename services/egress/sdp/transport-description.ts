import type { LocalTransport, RemoteTransport } from '../engine.ts';
import { attribute, splitDescription } from './session-description.ts';

/** The mid under which engines know the one transport. */
export const transportMid = '0';
/** The payload type engines are told; what goes over the transport is ours to write. */
export const transportPayloadType = 96;

/**
 * The offer that an engine gets to see: written by us from checked parts, with one video section that stands for the
 * whole transport. A stranger's SDP never reaches a native parser.
 */
export function writeTransportOffer(remote: RemoteTransport): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${transportMid}`,
    `m=video 9 UDP/TLS/RTP/SAVPF ${transportPayloadType}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${transportMid}`,
    'a=recvonly',
    'a=rtcp-mux',
    `a=ice-ufrag:${remote.iceUfrag}`,
    `a=ice-pwd:${remote.icePwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:${remote.fingerprint.algorithm} ${remote.fingerprint.value}`,
    `a=setup:${remote.setup}`,
    `a=rtpmap:${transportPayloadType} H264/90000`,
    `a=fmtp:${transportPayloadType} packetization-mode=1;profile-level-id=42e01f`,
    ...remote.candidates.map((candidate) => `a=${candidate}`),
    '',
  ].join('\r\n');
}

/**
 * Takes our own transport out of the answer that an engine wrote.
 * @throws Error if something is missing, which would be the engine's bug
 */
export function readTransportAnswer(sdp: string): LocalTransport {
  const { attributes, media } = splitDescription(sdp);
  const all = [...(media[0]?.attributes ?? []), ...attributes];
  const need = (name: string): string => {
    const value = attribute(all, name);
    if (value === null) throw new Error(`the engine's answer has no ${name}`);
    return value.trim();
  };
  const [algorithm = '', value = ''] = need('fingerprint').split(' ');
  const setup = need('setup');
  if (setup !== 'active' && setup !== 'passive') throw new Error(`the engine's answer has setup ${setup}`);
  return {
    iceUfrag: need('ice-ufrag'),
    icePwd: need('ice-pwd'),
    fingerprint: { algorithm, value },
    setup,
    iceLite: attribute(attributes, 'ice-lite') !== null,
    candidates: all
      .filter(({ name }) => name === 'candidate')
      .map((each) => `candidate:${each.value.trim()}`),
    complete: attribute(all, 'end-of-candidates') !== null,
  };
}
