import { z } from 'zod';
import { hasNoCredentials, integer } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

export const mqtt = z.object({
  url: setting(
    z
      .url({ protocol: /^mqtts?$/, error: 'must be mqtt://ADDRESS or mqtts://ADDRESS' })
      .max(512)
      .refine(hasNoCredentials, {
        error: 'must not name a user or a password: they go into mqtt.username and mqtt.password',
      })
      .nullable()
      .default(null),
    {
      description: 'MQTT broker, by which Home Assistant finds the box: mqtt://ADDRESS:1883',
      effect: 'none',
    },
  ),
  username: setting(z.string().min(1).max(256).nullable().default(null), {
    description: 'User name at the MQTT broker',
    effect: 'none',
  }),
  password: setting(z.string().max(256).nullable().default(null), {
    description: 'Password at the MQTT broker',
    effect: 'none',
    secret: true,
  }),
  discoveryPrefix: setting(
    z
      .string()
      .regex(/^[\w-]+(\/[\w-]+){0,7}$/, { error: 'must be a topic like homeassistant' })
      .max(128)
      .default('homeassistant'),
    { description: 'Topic under which Home Assistant looks for devices', effect: 'none' },
  ),
  pictureSeconds: setting(integer(0, 3_600).default(10), {
    description: 'A picture by MQTT so often while live; 0 is none',
    unit: 's',
    effect: 'none',
  }),
  verifyCertificate: setting(z.boolean().default(true), {
    description:
      "Check the broker's certificate (mqtts); off only for a broker of your own that signed its own",
    effect: 'none',
  }),
});
