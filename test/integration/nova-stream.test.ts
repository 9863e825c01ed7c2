import t, { type Test } from 'tap';
import { hd, NovaBox, sourceLost, streamId } from '../support/nova-box.ts';

// nova.md, "Connection Lifecycle": what viewers are told of the stream, from before it begins until after its end.

async function open(t: Test): Promise<NovaBox> {
  const box = await NovaBox.start();
  t.teardown(() => box.close());
  return box;
}

t.test('connection_established comes first, and stream_started when the broadcast begins', async (t) => {
  const box = await open(t);
  const viewer = await box.join('a1b2c3d4-e5f6-4789-8abc-d1e2f3a4b5c6');
  t.same(await viewer.next('connection_established'), {
    stream_id: streamId,
    viewer_id: 'a1b2c3d4-e5f6-4789-8abc-d1e2f3a4b5c6',
    session_id: viewer.all('connection_established')[0]?.session_id,
    protocol_version: '1.0',
    timestamp: '2026-01-02T03:04:05.000Z',
  });
  await viewer.settle();
  t.same(viewer.all('stream_started'), [], 'nothing is on air');
  box.clock.advance(1_000);
  box.goLive();
  t.same(await viewer.next('stream_started'), {
    stream_id: streamId,
    broadcaster_id: 'user-123',
    title: 'Live Gaming Session',
    description: 'Playing competitive games with viewers',
    quality: '720p',
    fps: 30,
    bitrate_kbps: 3_000,
    timestamp: '2026-01-02T03:04:06.000Z',
  });
  t.equal(viewer.events[0], 'connection_established');
});

t.test('who comes while live is told so at once, with the time it began', async (t) => {
  const box = await open(t);
  box.goLive();
  box.liveFor(90_000);
  const viewer = await box.join();
  const started = await viewer.next('stream_started');
  t.same(viewer.events.slice(0, 2), ['connection_established', 'stream_started']);
  t.equal(started.timestamp, '2026-01-02T03:04:05.000Z');
});

t.test('stream_ended: duration, peak, final count, true reason; closing is left to the client', async (t) => {
  const box = await open(t);
  const stays = await box.join();
  box.goLive();
  const leaves = [await box.join(), await box.join()];
  for (const viewer of leaves) await viewer.leave();
  await box.viewers(1);
  box.liveFor(42_000);
  stays.pong();
  await stays.settle();
  box.stop();
  t.same(await stays.next('stream_ended'), {
    stream_id: streamId,
    duration_seconds: 42,
    peak_viewers: 3,
    final_viewer_count: 1,
    reason: 'broadcaster_ended',
    timestamp: '2026-01-02T03:04:47.000Z',
  });
  t.same(stays.all('viewer_count_changed').at(-1)?.viewer_count, 1, 'the count agrees');
  box.clock.advance(20_000);
  await stays.settle();
  t.equal(stays.closedWith, null, 'still open');
  box.goLive();
  await stays.next('stream_started');
  t.same(stays.all('error'), [], 'and hears of the next broadcast');
});

t.test('what waits to be told of viewers comes before the end, so that the counts agree', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.goLive();
  box.clock.advance(50);
  await box.join();
  box.stop();
  const ended = await viewer.next('stream_ended');
  t.equal(ended.final_viewer_count, 2);
  t.match(viewer.received.at(-2), { event: 'viewer_count_changed', data: { viewer_count: 2, change: 1 } });
});

t.test('the peak of one broadcast is not that of the next', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.goLive();
  const guest = await box.join();
  await guest.leave();
  await box.viewers(1);
  box.stop();
  t.equal((await viewer.next('stream_ended')).peak_viewers, 2);
  box.goLive();
  box.stop();
  t.equal((await viewer.next('stream_ended')).peak_viewers, 1);
});

t.test('pictures lost: a recoverable error at once, the end only after 60 s', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.goLive();
  box.liveFor(10_000);
  box.interrupt();
  t.same(await viewer.next('error'), {
    error_code: 'RTMP_CONNECTION_LOST',
    error_message: sourceLost.message,
    severity: 'error',
    recoverable: true,
    suggested_action: viewer.all('error')[0]?.suggested_action,
    timestamp: '2026-01-02T03:04:15.000Z',
  });
  viewer.pong();
  await viewer.settle();
  box.clock.advance(59_999);
  await viewer.settle();
  t.same(viewer.all('stream_ended'), []);
  box.clock.advance(1);
  const ended = await viewer.next('stream_ended');
  t.equal(ended.reason, 'connection_lost');
  t.equal(ended.duration_seconds, 10, 'up to the last picture');
  t.equal(viewer.all('error').length, 1, 'told once');
});

t.test('pictures that come back in time go on in the same stream', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.goLive();
  box.interrupt();
  await viewer.next('error');
  box.clock.advance(30_000);
  const late = await box.join();
  await late.next('stream_started');
  t.equal(
    (await late.next('error')).error_code,
    'RTMP_CONNECTION_LOST',
    'who comes now knows why there is none',
  );
  t.equal(late.all('stream_info').length, 0);
  box.broadcast.reportPipeline({ state: 'running', reason: null });
  box.broadcast.seePicture();
  await viewer.settle();
  t.equal(viewer.all('stream_started').length, 1);
  t.same(viewer.all('stream_ended'), []);
  viewer.send({ event: 'get_stream_info', data: { request_id: 'again' } });
  await viewer.settle();
  t.equal(viewer.all('stream_info').at(-1)?.status, 'active');
});

t.test('a box whose own pipeline fails for 60 s ends with error, not with connection_lost', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.goLive();
  box.interrupt({ code: 'encoder-failed', message: 'The encoder failed.', action: 'Wait.' });
  box.clock.advance(59_000);
  viewer.pong();
  await viewer.settle();
  box.clock.advance(1_000);
  t.equal((await viewer.next('stream_ended')).reason, 'error');
});

t.test('refused at start: RTMP_HANDSHAKE_FAILED, to who is here and to who comes', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.broadcast.start();
  const reason = { code: 'source-missing', message: '/dev/video0 does not exist.', action: 'Plug it in.' };
  box.broadcast.reportPipeline({ state: 'refused', reason });
  const error = await viewer.next('error');
  t.match(error, {
    error_code: 'RTMP_HANDSHAKE_FAILED',
    error_message: reason.message,
    severity: 'critical',
    recoverable: true,
    suggested_action: String,
  });
  const late = await box.join();
  t.equal((await late.next('error')).error_code, 'RTMP_HANDSHAKE_FAILED');
  t.same(viewer.all('stream_ended'), [], 'what never began does not end');
});

t.test(
  'who reconnects within a minute after the end is told STREAM_ENDED; later it is no news',
  async (t) => {
    const box = await open(t);
    box.goLive();
    box.stop();
    box.clock.advance(59_000);
    const soon = await box.join();
    t.match(await soon.next('error'), { error_code: 'STREAM_ENDED', severity: 'info', recoverable: true });
    t.same(soon.all('stream_started'), []);
    box.clock.advance(1_000);
    const later = await box.join();
    await later.settle();
    t.same(later.all('error'), []);
  },
);

t.test('quality_changed: the broadcaster’s own change', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.goLive();
  box.quality.declareCause('broadcaster_changed');
  box.format = { width: 1920, height: 1080, framesPerSecond: 60, bitrateKbps: 5_000 };
  box.quality.observe(null);
  box.quality.observe(box.format);
  t.same(await viewer.next('quality_changed'), {
    stream_id: streamId,
    previous_quality: '720p',
    new_quality: '1080p',
    previous_bitrate_kbps: 3_000,
    new_bitrate_kbps: 5_000,
    fps: 60,
    reason: 'broadcaster_changed',
    timestamp: '2026-01-02T03:04:05.000Z',
  });
  box.quality.observe(box.format);
  await viewer.settle();
  t.equal(viewer.all('quality_changed').length, 1, 'the same again is no change');
  t.equal(viewer.all('stream_info').at(-1)?.quality, '1080p');
});

t.test('who joins late hears what the stream began with, and asks for what is now', async (t) => {
  const box = await open(t);
  box.goLive();
  box.format = { width: 640, height: 360, framesPerSecond: 15, bitrateKbps: 1_200 };
  box.quality.observe(box.format);
  const late = await box.join();
  t.match(await late.next('stream_started'), { quality: '720p', bitrate_kbps: 3_000 });
  late.send({ event: 'get_stream_info', data: { request_id: 'now' } });
  t.match(await late.next('stream_info'), { quality: '360p', bitrate_kbps: 1_200 });
});

t.test('quality_changed: each other reason as whoever changes it declares', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.goLive();
  let bitrateKbps = 3_000;
  for (const reason of ['adaptive_bitrate', 'network_congestion', 'quality_degradation'] as const) {
    bitrateKbps -= 500;
    box.quality.declareCause(reason);
    box.quality.observe({ ...hd, bitrateKbps });
    const change = await viewer.next('quality_changed');
    t.equal(change.reason, reason);
    t.equal(change.new_bitrate_kbps, bitrateKbps);
    t.equal(change.new_quality, '720p');
  }
});

t.test('bitrate_update every 5 s while live, with the health of what is measured', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  box.clock.advance(20_000);
  await viewer.settle();
  t.same(viewer.all('bitrate_update'), [], 'none while nothing is on air');
  viewer.pong();
  await viewer.settle();
  box.goLive();
  const bands: [number, string][] = [
    [3_000, 'excellent'],
    [2_701, 'excellent'],
    [2_700, 'good'],
    [2_100, 'good'],
    [2_099, 'fair'],
    [1_500, 'fair'],
    [1_499, 'poor'],
    [0, 'poor'],
  ];
  for (const [measured, health] of bands) {
    box.measuredBitrateKbps = measured;
    box.liveFor(5_000);
    const update = await viewer.next('bitrate_update');
    t.match(update, { stream_id: streamId, current_bitrate_kbps: measured, quality: '720p', health });
    viewer.pong();
  }
  t.equal(viewer.all('bitrate_update').length, bands.length, 'no more than that');
  box.measuredBitrateKbps = null;
  box.liveFor(5_000);
  await viewer.settle();
  t.equal(viewer.all('bitrate_update').length, bands.length, 'what was not measured is not told');
  box.measuredBitrateKbps = 2_900;
  box.interrupt();
  box.clock.advance(10_000);
  await viewer.settle();
  t.equal(viewer.all('bitrate_update').length, bands.length, 'none while pictures are away');
});

t.test('stream_info answers with the state of the stream, before, during and after', async (t) => {
  const box = await open(t);
  const viewer = await box.join();
  const ask = async (requestId: string) => {
    viewer.send({ event: 'get_stream_info', data: { request_id: requestId } });
    return await viewer.next('stream_info');
  };
  t.same(await ask('req-12345'), {
    request_id: 'req-12345',
    stream_id: streamId,
    status: 'offline',
    viewer_count: 1,
    peak_viewers: 1,
    quality: '720p',
    bitrate_kbps: 3_000,
    fps: 30,
    duration_seconds: 0,
    broadcaster_name: 'Streamer123',
    timestamp: '2026-01-02T03:04:05.000Z',
  });
  box.broadcast.start();
  t.equal((await ask('1')).status, 'starting');
  box.broadcast.seePicture();
  box.liveFor(30_000);
  t.match(await ask('2'), { request_id: '2', status: 'active', duration_seconds: 30 });
  box.interrupt();
  t.match(await ask('3'), { status: 'interrupted', duration_seconds: 30 });
  box.broadcast.seePicture();
  box.stop();
  t.match(await ask('4'), { status: 'offline', duration_seconds: 0 });
});

t.test('report_issue is kept for the operator, with who sent it', async (t) => {
  const box = await open(t);
  const viewer = await box.join('a1b2c3d4-e5f6-4789-8abc-d1e2f3a4b5c6');
  const { session_id: sessionId } = await viewer.next('connection_established');
  viewer.send({
    event: 'report_issue',
    data: {
      issue_type: 'buffering',
      severity: 'high',
      description: 'Stream is constantly buffering',
      client_info: {
        player: 'video.js',
        browser: 'Chrome 120',
        os: 'macOS 14.1',
        network: 'wifi',
        bandwidth_estimate_kbps: 8_000,
      },
    },
  });
  await viewer.settle();
  t.match(box.reports.latest, [
    {
      id: String,
      receivedAt: '2026-01-02T03:04:05.000Z',
      viewerId: 'a1b2c3d4-e5f6-4789-8abc-d1e2f3a4b5c6',
      sessionId,
      issueType: 'buffering',
      severity: 'high',
      description: 'Stream is constantly buffering',
      clientInfo: { player: 'video.js', browser: 'Chrome 120', bandwidthEstimateKbps: 8_000 },
    },
  ]);
  t.same(viewer.all('error'), []);
});
