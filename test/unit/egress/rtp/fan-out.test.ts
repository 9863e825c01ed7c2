import t from 'tap';
import type { Frame } from '#egress/engine.ts';
import { FanOut } from '#egress/rtp/fan-out.ts';
import { SessionClock } from '#egress/rtp/session-clock.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { PictureStream } from '#test/support/rtp-packets.ts';

const labels = { cname: 'onair', videoSsrc: 0xa1a2a3a4, audioSsrc: 0xb1b2b3b4, repeatSsrc: 0xc1c2c3c4 };

t.test('where pictures are left out, the numbers go on without a gap', async (t) => {
  const clock = new DrivenClock();
  let asked = 0;
  const fanOut = new FanOut({
    clock: new SessionClock(clock),
    labels,
    onKeyFrame: () => {},
    keyFrameNeeded: () => {
      asked += 1;
    },
  });
  const sent: Frame[] = [];
  fanOut.sendFramesTo({ send: (frame) => void sent.push(frame) });
  const pictures = new PictureStream();
  /** @param afterMs from the picture before it; 33 is its pace */
  const come = (packets: Buffer[], afterMs = 33): void => {
    clock.advance(afterMs);
    for (const packet of packets) fanOut.take('video', packet);
  };

  come(pictures.keyFrame());
  for (let count = 0; count < 10; count += 1) come(pictures.frame());
  t.equal(sent.length, 11);
  clock.advance(2_000);
  for (let count = 0; count < 60; count += 1) come(pictures.frame(), 0);
  for (let count = 0; count < 3; count += 1) come(pictures.frame());
  t.equal(asked, 1);
  come(pictures.keyFrame());
  come(pictures.frame());

  const leftOut = 76 - sent.length;
  t.ok(leftOut > 40, `${leftOut} were left out`);
  t.equal(fanOut.takeLeftOutPictures(), leftOut);
  t.equal(fanOut.takeLeftOutPictures(), 0, 'each is told once');
  const numbers = sent.flatMap(({ index, places }) => places.map((place) => index + place));
  t.same(
    numbers,
    numbers.map((_, at) => (numbers[0] ?? 0) + at),
  );
});

t.test('a packet that media lost leaves its gap', async (t) => {
  const clock = new DrivenClock();
  const fanOut = new FanOut({ clock: new SessionClock(clock), labels, onKeyFrame: () => {} });
  const sent: Frame[] = [];
  fanOut.sendFramesTo({ send: (frame) => void sent.push(frame) });
  const pictures = new PictureStream();
  for (const packet of pictures.keyFrame()) fanOut.take('video', packet);
  const [, last] = pictures.frame();
  fanOut.take('video', last as Buffer);
  const [key, frame] = sent;
  t.equal(frame?.index, (key?.index ?? 0) + (key?.packets.length ?? 0) + 1);
});
