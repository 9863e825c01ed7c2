import { WebRtcViewer } from '../webrtc-viewer.ts';
import type { Vm } from './vm.ts';

/**
 * Watches over WebRTC from outside until so many `packets` of video have come. The address in the answer is that of the
 * guest's own network: the forwarded port takes its place.
 */
export async function watchByWhep(
  vm: Vm,
  { packets = 10, withinMs = 90_000 } = {},
): Promise<{ status: number; packets: number; deleted: number }> {
  const boundMs = vm.shell.within(withinMs);
  const viewer = new WebRtcViewer();
  try {
    const offer = await viewer.offer();
    const answer = await fetch(`${vm.origin}/whep`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: offer,
      signal: AbortSignal.timeout(boundMs),
    });
    const sdp = await answer.text();
    if (answer.status !== 201) throw new Error(`WHEP: ${answer.status} ${sdp}`);
    const outside = sdp.replace(
      /^(a=candidate:\S+ \d+ udp \d+) \S+ 8189 /gim,
      `$1 127.0.0.1 ${vm.ports.webrtc} `,
    );
    viewer.accept(outside);
    await viewer.until('video', () => viewer.video.length >= packets, boundMs);
    const location = new URL(answer.headers.get('location') ?? '', vm.origin);
    const deleted = await fetch(location, { method: 'DELETE', signal: AbortSignal.timeout(boundMs) });
    return { status: answer.status, packets: viewer.video.length, deleted: deleted.status };
  } finally {
    viewer.close();
  }
}
