import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import type { RemoteTransport } from '#egress/engine.ts';
import { hostAddresses } from '#egress/ice/host-candidates.ts';
import { type EngineName, loadEngine } from '#egress/load-engine.ts';
import { encodeSenderReport } from '#egress/rtcp/sender-report.ts';
import { writeAnswer } from '#egress/sdp/answer.ts';
import { readOffer } from '#egress/sdp/viewer-offer.ts';
import { EngineError } from '#egress/udp-port.ts';
import { Heard, picture, released, streams, watch } from '../support/engine-watch.ts';
import { rtpPacket, seen } from '../support/rtp-packets.ts';
import { WebRtcViewer } from '../support/webrtc-viewer.ts';

/** What every engine must do; run against each of them, with a real transport over real sockets. */

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

for (const name of ['native', 'node-datachannel', 'werift'] satisfies EngineName[]) {
  t.test(name, async (t) => {
    const start = (bindAddress: string | null, port = 0) => loadEngine(name, { port, bindAddress });

    for (const bindAddress of ['127.0.0.1', '::1', null]) {
      t.test(
        `listening on ${bindAddress ?? 'every address'}: packets arrive as they were sent`,
        async (t) => {
          const engine = await start(bindAddress);
          t.equal(engine.name, name);
          const { viewer, peer, heard } = await watch(engine, bindAddress === null ? {} : { bindAddress });
          for (const candidate of peer.local.candidates) {
            if (bindAddress !== null) t.match(candidate, ` ${bindAddress} `);
            if (engine.port !== 0) t.match(candidate, ` ${engine.port} typ host`);
          }
          t.equal(peer.local.complete, true, 'all candidates are in the answer');
          await heard.connection.promise;
          const sent: Buffer[] = [];
          const buffer = Buffer.alloc(1_200);
          for (let sequence = 65_530; sequence < 65_530 + 20; sequence += 1) {
            const packet = picture(sequence, { bytes: 1_188, marker: sequence % 3 === 0 });
            sent.push(packet);
            packet.copy(buffer); // the same memory for each packet, as fan-out does it
            peer.send(buffer);
          }
          buffer.fill(0);
          await viewer.until('video', () => viewer.video.length === 20);
          t.same(viewer.video, sent);

          const sound = rtpPacket(Buffer.from([1, 2, 3]), {
            ssrc: streams.audioSsrc,
            sequence: 7,
            timestamp: 960,
            payloadType: 111,
          });
          peer.send(sound);
          await viewer.until('audio', () => viewer.audio.length === 1);
          t.same(viewer.audio, [sound]);

          const report = encodeSenderReport({
            ssrc: streams.videoSsrc,
            cname: 'onair',
            wallClockMs: 1_000,
            rtpTimestamp: 5,
            packets: 20,
            octets: 1,
          });
          peer.send(report);
          await viewer.until('rtcp', () => viewer.rtcp.length > 0);
          t.same(viewer.rtcp[0], report);
          viewer.close();
          await engine.close();
        },
      );
    }

    t.test('what the viewer says comes as it was said', async (t) => {
      const engine = await start('127.0.0.1');
      const { viewer, peer, heard } = await watch(engine, { bindAddress: '127.0.0.1' });
      await heard.connection.promise;
      peer.send(picture(1));
      await viewer.until('video', () => viewer.video.length === 1);
      viewer.pictureLost(streams.videoSsrc);
      const packet = await heard.firstRtcp.promise;
      t.equal(packet[1], 206);
      t.equal(packet.readUInt32BE(8), streams.videoSsrc);
      viewer.close();
      await engine.close();
    });

    t.test('a packet may be sent again, also one from before the sequence numbers wrapped', async (t) => {
      const engine = await start('127.0.0.1');
      const { viewer, peer, heard } = await watch(engine, { bindAddress: '127.0.0.1' });
      await heard.connection.promise;
      const run = Array.from({ length: 400 }, (_, at) => picture(65_400 + at));
      for (const packet of run) peer.send(packet);
      await viewer.until('video', () => viewer.video.length >= 400);
      for (const packet of [run[130], run[136], run[137]]) if (packet) peer.send(packet);
      peer.send(picture(65_800));
      await viewer.until(
        'video',
        () => seen(viewer.video.at(-1) ?? run[0] ?? picture(0)).sequence === (65_800 & 0xffff),
      );
      t.pass('the stream goes on after them');
      viewer.close();
      await engine.close();
    });

    t.test('a viewer that gives no candidates is found by its own checks', async (t) => {
      const engine = await start('127.0.0.1');
      const { viewer, peer, heard } = await watch(engine, { bindAddress: '127.0.0.1' });
      await heard.connection.promise;
      peer.send(picture(1));
      await viewer.until('video', () => viewer.video.length === 1);
      t.same(viewer.video, [picture(1)]);
      viewer.close();
      await engine.close();
    });

    t.test('listening everywhere, it names each address of this machine, link-local ones too', async (t) => {
      const engine = await start(null);
      const { viewer, peer } = await watch(engine);
      const named = peer.local.candidates.map((candidate) => candidate.split(' ')[4]);
      const own = hostAddresses({ bindAddress: null, ipv4Only: false });
      for (const address of own.filter((one) => name !== 'werift' || !/^fe80/i.test(one)))
        t.ok(named.includes(address), address);
      viewer.close();
      await engine.close();
    });

    t.test('candidates after the offer, sensible and not', async (t) => {
      const engine = await start('127.0.0.1');
      const { viewer, peer, heard } = await watch(engine, { bindAddress: '127.0.0.1' });
      peer.addRemoteCandidate('candidate:1 1 UDP 1 240.0.0.1 9 typ host');
      peer.addRemoteCandidate('candidate:1 1 UDP 1 2001:db8::1 9 typ srflx raddr 192.0.2.2 rport 9');
      for (const candidate of viewer.candidates) peer.addRemoteCandidate(candidate);
      await heard.connection.promise;
      t.equal(heard.connections, 1);
      viewer.close();
      await engine.close();
    });

    t.test("an offer whose fingerprint is not the viewer's own never connects", async (t) => {
      const engine = await start('127.0.0.1');
      const viewer = new WebRtcViewer({ bindAddress: '127.0.0.1' });
      const heard = new Heard();
      const offer = readOffer(await viewer.offer({ bare: true }));
      const [first, ...rest] = offer.transport.fingerprint.value.split(':');
      const other = first === '00' ? 'FF' : '00';
      const forged: RemoteTransport = {
        ...offer.transport,
        fingerprint: { ...offer.transport.fingerprint, value: [other, ...rest].join(':') },
      };
      const peer = await engine.open(forged, [], heard);
      viewer.accept(writeAnswer(offer, peer.local, streams));
      const how = await Promise.race([heard.end.promise, heard.connection.promise.then(() => 'connected')]);
      t.not(how, 'connected');
      viewer.close();
      await engine.close();
    });

    t.test('DTLS roles: whatever the offer leaves us', async (t) => {
      const engine = await start('127.0.0.1');
      const setups: Record<string, string> = {};
      for (const setup of ['actpass', 'active', 'passive'] as const) {
        const viewer = new WebRtcViewer({ bindAddress: '127.0.0.1' });
        const offer = readOffer(await viewer.offer());
        const peer = await engine.open({ ...offer.transport, setup }, [], new Heard());
        setups[setup] = peer.local.setup;
        viewer.close();
      }
      t.match(setups, { actpass: /^(active|passive)$/, active: 'passive', passive: 'active' });
      await engine.close();
    });

    t.test('close tells the viewer, after it nothing is said or sent, and nothing is left', async (t) => {
      const engine = await start('127.0.0.1');
      const { viewer, peer, heard } = await watch(engine, { bindAddress: '127.0.0.1' });
      await heard.connection.promise;
      peer.send(picture(1));
      await viewer.until('video', () => viewer.video.length === 1);
      t.equal(engine.peers, 1);
      viewer.pictureLost(streams.videoSsrc);
      peer.close();
      peer.close();
      peer.send(picture(2));
      peer.addRemoteCandidate('candidate:1 1 UDP 1 192.0.2.9 9 typ host');
      // DTLS's close_notify says it; without that a viewer finds out when its consent checks fail, after 30 s.
      // (libdatachannel drops it; see `Peer.close`)
      const ended = (): boolean => viewer.states.some((state) => /^(closed|disconnected)$/.test(state));
      if (name !== 'node-datachannel') await viewer.until('state', ended, 3_000);
      await released(engine);
      t.same(heard.rtcpPackets, []);
      t.equal(engine.peers, 0);
      viewer.close();
      await engine.close();
    });

    const rounds = name === 'werift' ? 8 : 40;
    t.test(`${5 * rounds} viewers come and go: no peer stays behind, nor what it reaches`, async (t) => {
      const engine = await start('127.0.0.1');
      const left: WeakRef<Heard>[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const five = Array.from({ length: 5 }, () =>
          watch(engine, { bindAddress: '127.0.0.1', audio: false }),
        );
        for (const { viewer, peer, heard } of await Promise.all(five)) {
          await heard.connection.promise;
          peer.send(picture(1));
          await viewer.until('video', () => viewer.video.length === 1);
          viewer.close();
          peer.close();
          left.push(new WeakRef(heard));
        }
      }
      await released(engine);
      t.equal(engine.peers, 0);
      await new Promise((resolve) => setImmediate(resolve)); // weak references hold until the turn is over
      collectGarbage();
      const kept = left.filter((heard) => heard.deref() !== undefined).length;
      t.ok(kept <= 10, `${kept} of ${left.length} are still reachable`);
      await engine.close();
    });

    t.test('an address this machine has not is refused in words', async (t) => {
      await t.rejects(start('192.0.2.200'), EngineError);
      await start('192.0.2.200').catch((error: EngineError) => {
        t.equal(error.reason.code, 'webrtc-address-unknown');
        t.match(error.reason.message, '192.0.2.200');
      });
    });
  });
}

for (const name of ['native', 'node-datachannel'] satisfies EngineName[]) {
  t.test(`${name}: one port for all, and a clear word if it is taken`, async (t) => {
    const first = await loadEngine(name, { port: 0, bindAddress: '127.0.0.1' });
    t.ok(first.port > 0);
    const one = await watch(first, { bindAddress: '127.0.0.1' });
    const other = await watch(first, { bindAddress: '127.0.0.1' });
    await Promise.all([one.heard.connection.promise, other.heard.connection.promise]);
    for (const { answer } of [one, other]) t.match(answer, ` 127.0.0.1 ${first.port} typ host`);
    await loadEngine(name, { port: first.port, bindAddress: '127.0.0.1' }).then(
      () => t.fail('the same port twice'),
      (error: EngineError) => {
        t.equal(error.reason.code, 'webrtc-port-in-use');
        t.match(error.reason.message, String(first.port));
        t.match(error.reason.action, 'webrtc.port');
      },
    );
    for (const { viewer } of [one, other]) viewer.close();
    await first.close();
  });
}
