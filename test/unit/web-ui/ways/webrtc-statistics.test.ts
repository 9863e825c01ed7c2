import t from 'tap';
import { WebrtcStatistics } from '#web-ui/ways/webrtc-statistics.ts';

/** What the browser counts at these moments. */
function scene(reports: Partial<RTCInboundRtpStreamStats>[]) {
  const connection = {
    getStats: () =>
      Promise.resolve(new Map([['video', { type: 'inbound-rtp', kind: 'video', ...reports.shift() }]])),
  };
  return new WebrtcStatistics(connection as unknown as RTCPeerConnection, {} as HTMLVideoElement);
}

t.test('the burst of pictures that a newcomer gets is no frame rate and no bit rate', async (t) => {
  const statistics = scene([
    { timestamp: 1_000, framesDecoded: 0, framesPerSecond: 0, bytesReceived: 0 },
    { timestamp: 2_000, framesDecoded: 95, framesPerSecond: 95, bytesReceived: 900_000 },
    { timestamp: 3_000, framesDecoded: 125, framesPerSecond: 30, bytesReceived: 1_200_000 },
  ]);
  const rates = async () => {
    const { framesPerSecond, bitrateKbps } = await statistics.measure();
    return { framesPerSecond, bitrateKbps };
  };
  t.same(await rates(), { framesPerSecond: null, bitrateKbps: null });
  t.same(await rates(), { framesPerSecond: null, bitrateKbps: null });
  t.same(await rates(), { framesPerSecond: 30, bitrateKbps: 2_400 });
});

t.test('who comes to a session that plays already waits as long', async (t) => {
  const statistics = scene([
    { timestamp: 5_000, framesDecoded: 80, framesPerSecond: 80, bytesReceived: 800_000 },
    { timestamp: 6_000, framesDecoded: 120, framesPerSecond: 40, bytesReceived: 1_100_000 },
    { timestamp: 7_000, framesDecoded: 150, framesPerSecond: 30, bytesReceived: 1_400_000 },
  ]);
  t.equal((await statistics.measure()).framesPerSecond, null);
  t.equal((await statistics.measure()).framesPerSecond, null);
  t.equal((await statistics.measure()).framesPerSecond, 30);
});
