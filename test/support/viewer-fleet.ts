// A process of its own: many WHEP viewers on node-datachannel, told what to do by lines on stdin.
// {"join":N} opens N more, {"leave":true} closes all, {"churn":N} joins and leaves N times; each is answered by a line.
import { createInterface } from 'node:readline';
import nodeDataChannel from 'node-datachannel';

const { Audio, PeerConnection, RtcpReceivingSession, Video } = nodeDataChannel;
const whepUrl = process.argv[2] ?? '';
const joinTimeoutMs = 10_000;
const atOnce = 8;

interface FleetViewer {
  close(): Promise<void>;
}

const viewers: FleetViewer[] = [];
let receivedBytes = 0;
let lostPackets = 0;

async function join(): Promise<FleetViewer> {
  const peer = new PeerConnection('viewer', { iceServers: [], disableAutoNegotiation: true });
  const video = new Video('video', 'RecvOnly');
  video.addH264Codec(96);
  const audio = new Audio('audio', 'RecvOnly');
  audio.addOpusCodec(111);
  const tracks = [peer.addTrack(video), peer.addTrack(audio)];
  const gathered = new Promise<void>((resolve) => {
    peer.onGatheringStateChange((state) => {
      if (state === 'complete') resolve();
    });
  });
  const received = new Promise<void>((resolve) => {
    for (const track of tracks) {
      track.setMediaHandler(new RtcpReceivingSession());
      let expected: number | null = null;
      track.onMessage((packet: Buffer) => {
        receivedBytes += packet.length;
        const number = packet.readUInt16BE(2);
        const gap = (number - (expected ?? number) + 0x10000) % 0x10000;
        // A number from before is a packet that came late: it was counted as lost.
        if (gap < 0x8000) lostPackets += gap;
        else lostPackets -= 1;
        if (gap < 0x8000) expected = (number + 1) % 0x10000;
        resolve();
      });
    }
  });
  peer.setLocalDescription('offer');
  await gathered;
  const offer = peer.localDescription()?.sdp ?? '';
  const response = await fetch(whepUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: offer,
  });
  const answer = await response.text();
  if (response.status !== 201) throw new Error(`WHEP answered ${response.status}: ${answer}`);
  peer.setRemoteDescription(answer, 'answer');
  await Promise.race([
    received,
    new Promise((_, reject) => setTimeout(reject, joinTimeoutMs, new Error('no packets')).unref()),
  ]);
  const resource = new URL(response.headers.get('location') ?? '', whepUrl);
  return {
    async close() {
      await (await fetch(resource, { method: 'DELETE' })).arrayBuffer();
      for (const track of tracks) track.close();
      peer.close();
    },
  };
}

/** The client library now and then loses its own race between answer and transport: such a join is made again. */
async function joinAgain(tries = 3): Promise<FleetViewer> {
  try {
    return await join();
  } catch (error) {
    if (tries <= 1 || !String(error).includes('without ICE transport')) throw error;
    return await joinAgain(tries - 1);
  }
}

async function joinMany(count: number): Promise<void> {
  for (let left = count; left > 0; left -= atOnce) {
    viewers.push(...(await Promise.all(Array.from({ length: Math.min(left, atOnce) }, () => joinAgain()))));
  }
}

async function leaveAll(): Promise<void> {
  await Promise.all(viewers.splice(0).map((viewer) => viewer.close()));
}

async function obey(command: {
  join?: number;
  leave?: boolean;
  churn?: number;
  bytes?: boolean;
}): Promise<void> {
  if (command.join) await joinMany(command.join);
  if (command.leave) await leaveAll();
  for (let left = command.churn ?? 0; left > 0; left -= atOnce) {
    await joinMany(Math.min(left, atOnce));
    await leaveAll();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await obey(JSON.parse(line));
    console.log(JSON.stringify({ done: true, viewers: viewers.length, receivedBytes, lostPackets }));
  } catch (error) {
    console.log(JSON.stringify({ done: false, problem: String(error) }));
  }
}
nodeDataChannel.cleanup();
process.exit(0);
