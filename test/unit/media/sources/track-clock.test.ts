import t from 'tap';
import { SoundClock, TrackClock } from '#media/sources/track-clock.ts';

const clocks = () => {
  const pictures = new TrackClock();
  const own = new TrackClock();
  return { pictures, own, sound: new SoundClock({ own, pictures }) };
};

t.test('sound lies where the pictures are that were taken with it', async (t) => {
  const { pictures, own, sound } = clocks();
  // Taken at 5,000 on the sender's clock: the picture is here 90 ms later, the sound 20 ms.
  t.equal(sound.at(700, 1_020), 1_020);
  t.equal(pictures.at(0, 1_090), 1_090);
  t.notOk(sound.follows, 'nothing is known of the sender');
  pictures.report(0, 5_000);
  t.notOk(sound.follows);
  own.report(700, 5_000);
  t.ok(sound.follows);
  t.equal(sound.at(720, 1_040), 1_110, 'with the picture that was taken at 5,020');
});

t.test('a sender whose clocks make no sense is not followed', async (t) => {
  const { pictures, own, sound } = clocks();
  pictures.at(0, 1_000);
  pictures.report(0, 5_000);
  own.report(0, 900_000);
  t.equal(sound.at(0, 1_000), 1_000);
});
