import { FanOut } from '#egress/rtp/fan-out.ts';
import { SessionClock } from '#egress/rtp/session-clock.ts';
import { WatchSessions } from '#egress/watch/watch-sessions.ts';
import { DrivenClock } from './driven-clock.ts';
import { EngineStandIn } from './egress-engine.ts';
import { offerText } from './offer.ts';
import { PictureStream } from './rtp-packets.ts';

const labels = { cname: 'onair', videoSsrc: 101, audioSsrc: 102, repeatSsrc: 103 };
/** Receiver report of the picture: a quarter lost. */
export const report = Buffer.from('81c9000700000009000000654000000000000000000000000000000000000000', 'hex');
export const pli = Buffer.from('81ce00020000000900000065', 'hex');

/** Sessions and fan-out without a network, on time that the test drives. */
export function box() {
  const clock = new DrivenClock();
  const engine = new EngineStandIn();
  const said: unknown[][] = [];
  let keyFramesAsked = 0;
  const fanOut = new FanOut({ clock: new SessionClock(clock), labels, onKeyFrame: () => {} });
  const sessions = new WatchSessions({
    engine,
    fanOut,
    clock,
    reporter: {
      send: (signal) => {
        const { kind, sessionId: id } = signal;
        if (kind === 'answer') said.push(['answered', id, signal.sdp.slice(0, 3)]);
        else if (kind === 'candidate') said.push([kind, id, signal.candidate]);
        else if (kind === 'connected') said.push([kind, id, signal.userId]);
        else said.push([kind, id, signal.userId, signal.reason, signal.message]);
      },
      targetKbps: () => 3_000,
      refusal: () => null,
      keyFrameNeeded: () => {
        keyFramesAsked += 1;
      },
    },
  });
  const pictures = new PictureStream();
  return {
    clock,
    engine,
    fanOut,
    sessions,
    said,
    keyFramesAsked: () => keyFramesAsked,
    feed(packets: Buffer[]) {
      for (const packet of packets) fanOut.take('video', packet);
    },
    pictures,
    async join(id: string, sdp = offerText()) {
      sessions.request(id, `user-${id}`, []);
      await sessions.offer(id, sdp);
      engine.last.events.connected();
      return engine.last;
    },
    /** A second of time, with what egress does each second. */
    seconds(count: number) {
      for (let i = 0; i < count; i += 1) {
        clock.advance(1_000);
        sessions.checkDeadlines();
      }
    },
  };
}
