import t from 'tap';
import { audioSource } from '#core/domain/media.ts';
import { microphones } from '#media/sources/devices.ts';
import { Machine } from '#media/sources/machine.ts';

t.test('microphones by the names of their cards, as settings take them', async (t) => {
  const root = t.testdir({
    proc: {
      asound: {
        cards: [
          ' 0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi',
          '                      vc4-hdmi',
          ' 1 [C920           ]: USB-Audio - HD Pro Webcam C920',
          '                      HD Pro Webcam C920 at usb-0000:01:00.0-1.2, high speed',
          ' 2 [CODEC          ]: USB-Audio - USB Audio CODEC',
          '                      BurrBrown from Texas Instruments USB Audio CODEC',
        ].join('\n'),
        pcm: [
          '00-00: MAI PCM i2s-hifi-0 : MAI PCM i2s-hifi-0 : playback 1',
          '01-00: USB Audio : USB Audio : capture 1',
          '02-00: USB Audio : USB Audio : playback 1 : capture 1',
          '02-01: USB Audio #1 : USB Audio #1 : capture 1',
        ].join('\n'),
      },
    },
  });
  const found = await microphones(new Machine({ root }));
  t.same(found, [
    { setting: 'alsa:plughw:CARD=C920,DEV=0', name: 'HD Pro Webcam C920' },
    { setting: 'alsa:plughw:CARD=CODEC,DEV=0', name: 'USB Audio CODEC' },
    { setting: 'alsa:plughw:CARD=CODEC,DEV=1', name: 'USB Audio CODEC 2' },
  ]);
  for (const { setting } of found) t.equal(audioSource.safeParse(setting).success, true, setting);
});

t.test('a machine without sound has none', async (t) => {
  t.same(await microphones(new Machine({ root: t.testdir({}) })), []);
});
