import { existsSync } from 'node:fs';
import t, { type Test } from 'tap';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser } from '../support/browser.ts';
import { Coturn, hasCoturn } from '../support/coturn.ts';
import { ViewerPage } from '../support/viewer-page.ts';

// A viewer who can only be reached by way of a relay: Debian's coturn, with the credentials that watch_ready hands out.

const missing = [hasCoturn() ? '' : 'coturn', existsSync('/usr/bin/chromium') ? '' : 'Chromium'].filter(
  Boolean,
);
const skip = missing.length > 0 ? `no ${missing.join(', no ')} here` : false;
const secret = 'a secret that box and relay share';

interface Watched {
  iceServers: { urls: string[]; username: string; credential: string }[];
  candidates: string[];
  pair: { local: string; remote: string; protocol: string };
  framesDecoded: number;
  frames: [number, number];
}

/** A broadcast of a box that names a relay, and a browser to watch it. */
async function onAirBehindRelay(t: Test) {
  const relay = await Coturn.start(secret);
  t.teardown(() => relay.close());
  const appliance = await Appliance.start({
    // A relay on loopback reaches loopback only.
    settings: { webrtc: { bindAddress: '127.0.0.1', turn: { urls: [relay.url], secret } } },
  });
  t.teardown(() => appliance.close());
  await appliance.press();
  await appliance.until(({ advancing }) => advancing, 15_000);
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  return { relay, appliance, browser, origin: await appliance.origin() };
}

t.test('pictures through the relay alone', { skip, timeout: 90_000 }, async (t) => {
  const { relay, appliance, browser, origin } = await onAirBehindRelay(t);
  const { stream, device } = await appliance.status();
  const page = await browser.newPage();
  await page.goto(`${origin}/api/v1/health`);

  const watched = (await page.evaluate(
    `(${watchThroughRelay})(${JSON.stringify({ streamId: stream.id, deviceId: device.id })})`,
  )) as Watched;
  t.match(watched.iceServers, [{ urls: [relay.url], username: /^\d+:./, credential: /^[\w+/]+=*$/ }]);
  t.ok(watched.candidates.length > 0);
  t.strictSame(
    watched.candidates.filter((candidate) => !candidate.includes(' typ relay ')),
    [],
    'nothing but the relay was offered',
  );
  t.match(watched.pair, { local: 'relay' }, JSON.stringify(watched.pair));
  t.ok(watched.framesDecoded >= 30, `${watched.framesDecoded} frames decoded`);
  t.strictSame(watched.frames, [stream.width, stream.height]);
  t.match(await relay.said(/ALLOCATE processed, success/), /CREATE_PERMISSION processed, success/);

  const refused = (await page.evaluate(`(${gatherWith})(${JSON.stringify(watched.iceServers[0])})`)) as {
    candidates: number;
    errors: number[];
  };
  t.equal(refused.candidates, 0, 'a credential of another user is refused');
  t.ok(
    refused.errors.every((code) => code === 401) && refused.errors.length > 0,
    `error ${refused.errors.join(', ')}`,
  );
});

/** Nothing gets through but by way of a relay: a strict network. */
const relayOnly = `
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration) { super({ ...configuration, iceTransportPolicy: 'relay' }); }
  };`;

t.test('the page itself gets through by the relay that WHEP names', { skip, timeout: 90_000 }, async (t) => {
  const { relay, browser, origin } = await onAirBehindRelay(t);
  const viewer = await ViewerPage.open(browser, origin, { initScript: relayOnly });
  await viewer.state('live', 'webrtc', 20_000);
  t.equal((await viewer.nextPictures(15)).length, 15, 'pictures');
  t.ok(viewer.whepPosts >= 2, 'the second offer knows the relay that the first answer named');
  t.match(await relay.said(/ALLOCATE processed, success/), /CREATE_PERMISSION processed, success/);
  t.same(viewer.problems, []);
});

/** In the page: a viewer as signaling.md draws it, who may use relays only. */
const watchThroughRelay = `async ({ streamId, deviceId }) => {
  const answer = await fetch('/api/v1/streams/' + streamId + '/tokens', { method: 'POST' });
  const { token } = await answer.json();
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws/viewer');
  const say = (type, payload) => socket.send(JSON.stringify({ type, ts: new Date().toISOString(), payload }));
  const waiting = new Map();
  const heard = (type) => new Promise((resolve) => waiting.set(type, resolve));
  const later = [];
  let connection = null;
  socket.onmessage = ({ data }) => {
    const { type, payload } = JSON.parse(data);
    if (type === 'signal_ice') {
      if (connection?.remoteDescription) connection.addIceCandidate(payload.candidate);
      else later.push(payload.candidate);
    }
    if (type === 'error') throw new Error(payload.message);
    waiting.get(type)?.(payload);
  };
  await new Promise((resolve) => { socket.onopen = resolve; });
  const hello = heard('hello_ack');
  say('hello', { token });
  await hello;
  const readied = heard('watch_ready');
  say('watch_request', { device_id: deviceId });
  const { session_id, ice_servers: iceServers } = await readied;

  connection = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
  const candidates = [];
  connection.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate) candidates.push(candidate.candidate);
    say('signal_ice', { session_id, candidate: candidate?.candidate ? candidate.toJSON() : null });
  };
  const video = document.body.appendChild(document.createElement('video'));
  video.muted = true;
  connection.ontrack = ({ streams }) => {
    video.srcObject = streams[0];
    video.play();
  };
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.addTransceiver('audio', { direction: 'recvonly' });
  await connection.setLocalDescription();
  const answered = heard('signal_answer');
  say('signal_offer', { session_id, sdp: { type: 'offer', sdp: connection.localDescription.sdp } });
  await connection.setRemoteDescription((await answered).sdp);
  for (const candidate of later) connection.addIceCandidate(candidate);

  const deadline = Date.now() + 20000;
  for (;;) {
    const stats = [...(await connection.getStats()).values()];
    const inbound = stats.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
    if (inbound?.framesDecoded >= 30) {
      const pair = stats.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
      const local = stats.find(({ id }) => id === pair.localCandidateId);
      const remote = stats.find(({ id }) => id === pair.remoteCandidateId);
      return {
        iceServers,
        candidates,
        pair: { local: local.candidateType, remote: remote.candidateType, protocol: local.relayProtocol },
        framesDecoded: inbound.framesDecoded,
        frames: [inbound.frameWidth, inbound.frameHeight],
      };
    }
    if (Date.now() > deadline) throw new Error('no pictures: ' + connection.iceConnectionState + ' ' + JSON.stringify(candidates));
    await new Promise((resolve) => setTimeout(resolve, 100)); // statistics come only to who asks
  }
}`;

/** In the page: what a relay gives to who changes the user name, which the credential is made of. */
const gatherWith = `async (server) => {
  const connection = new RTCPeerConnection({
    iceServers: [{ ...server, username: server.username + '0' }],
    iceTransportPolicy: 'relay',
  });
  const found = { candidates: 0, errors: [] };
  connection.onicecandidate = ({ candidate }) => { if (candidate?.candidate) found.candidates += 1; };
  connection.onicecandidateerror = ({ errorCode }) => found.errors.push(errorCode);
  connection.addTransceiver('video', { direction: 'recvonly' });
  await connection.setLocalDescription();
  await new Promise((resolve) => {
    const look = () => { if (connection.iceGatheringState === 'complete') resolve(); };
    connection.onicegatheringstatechange = look;
    look();
  });
  connection.close();
  return found;
}`;
