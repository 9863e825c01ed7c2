import { z } from 'zod';
import { audioSource, encoderChoice, maskSecrets, soundControls, videoSource } from './media.ts';
import { overlayPlace } from './overlay.ts';
import { pictureFile } from './picture-file.ts';
import {
  even,
  hasNoCredentials,
  headerToken,
  hostName,
  hostname,
  ingestKey,
  integer,
  isRedisAddress,
  stunUrl,
  turnUrl,
} from './setting-kinds.ts';
import { metaOf, type SettingMeta, setting } from './setting-meta.ts';
import { typedText } from './typed-text.ts';
import { maskWebhook, webhookEvent } from './webhook.ts';

const device = z.object({
  id: setting(z.string().min(1).max(128), {
    description: 'Identity of this box',
    effect: 'none',
    fixed: true,
  }),
  name: setting(typedText(64).min(1).default('Onair'), {
    description: 'Name that people see',
    effect: 'none',
  }),
  language: setting(z.enum(['en', 'de']).default('en'), {
    description: 'Language of what the box itself says in the picture',
    effect: 'none',
  }),
});

const broadcast = z.object({
  streamId: setting(z.uuid(), { description: 'Identity of the stream', effect: 'none', fixed: true }),
  title: setting(typedText(128).default('Live'), { description: 'Title of the broadcast', effect: 'none' }),
  description: setting(typedText(1024).default(''), {
    description: 'What the broadcast is about',
    effect: 'none',
  }),
  resumeOnBoot: setting(z.boolean().default(false), {
    description: 'Go live again after a restart of the box that interrupted a broadcast',
    effect: 'none',
  }),
});

const video = z.object({
  source: setting(videoSource.default('auto'), {
    description:
      'Camera: auto, csi, v4l2:/dev/videoN; file:PATH; test for the test picture; rtmp, srt or whip for what others publish; rtsp://… or srt://… to pull',
    effect: 'none',
    mask: maskSecrets,
  }),
  fallback: setting(z.array(videoSource).max(8).default([]), {
    description: 'Sources shown in this order while the source delivers nothing, before the slate',
    effect: 'none',
    mask: maskSecrets,
  }),
  slate: setting(pictureFile.nullable().default(null), {
    description: 'Picture (PNG or JPEG) shown while no source delivers; empty is the built-in one',
    effect: 'none',
  }),
  width: setting(even(160, 1920).default(1280), { description: 'Width', unit: 'px', effect: 'pipeline' }),
  height: setting(even(120, 1920).default(720), { description: 'Height', unit: 'px', effect: 'pipeline' }),
  framesPerSecond: setting(integer(5, 60).default(30), {
    description: 'Frame rate',
    unit: 'fps',
    effect: 'pipeline',
  }),
  bitrateKbps: setting(integer(100, 25_000).default(3_000), {
    description: 'Video bitrate',
    unit: 'kbit/s',
    effect: 'none',
  }),
  adaptive: setting(z.boolean().default(true), {
    description: 'The bitrate follows the viewers below the one that is set, down to a third',
    effect: 'none',
  }),
  encoder: setting(encoderChoice.default('auto'), {
    description: 'H.264 encoder; auto takes the hardware where it works',
    effect: 'pipeline',
  }),
  rotate: setting(z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]).default(0), {
    description: 'Clockwise rotation',
    unit: '°',
    effect: 'none',
  }),
  keyFrameIntervalSeconds: setting(z.number().min(0.5).max(10).default(1), {
    description: 'Longest time from one key frame to the next',
    unit: 's',
    effect: 'pipeline',
  }),
});

const audio = z.object({
  source: setting(audioSource.default('auto'), {
    description: 'Microphone: auto, none, test, or alsa:DEVICE',
    effect: 'pipeline',
  }),
  bitrateKbps: setting(integer(16, 320).default(96), {
    description: 'Audio bitrate',
    unit: 'kbit/s',
    effect: 'pipeline',
  }),
  muted: setting(soundControls.muted.default(false), { description: 'Silence on the air', effect: 'none' }),
  gainDb: setting(soundControls.gainDb.default(0), {
    description: 'Louder or softer',
    unit: 'dB',
    effect: 'none',
  }),
  delayMs: setting(soundControls.delayMs.default(0), {
    description: 'Sound this much later, where it is ahead of the lips',
    unit: 'ms',
    effect: 'none',
  }),
});

const overlay = z.object({
  clock: setting(z.boolean().default(false), {
    description: 'The time of day over the picture',
    effect: 'none',
  }),
  clockPlace: setting(overlayPlace.default('top-right'), {
    description: 'Where the clock is',
    effect: 'none',
  }),
  text: setting(typedText(120).default(''), {
    description: 'Text over the picture: a line; empty is none',
    effect: 'none',
  }),
  textPlace: setting(overlayPlace.default('bottom-left'), {
    description: 'Where the text is',
    effect: 'none',
  }),
  logo: setting(pictureFile.nullable().default(null), {
    description: 'Logo over the picture: a PNG or JPEG; empty is none',
    effect: 'none',
  }),
  logoPlace: setting(overlayPlace.default('top-left'), { description: 'Where the logo is', effect: 'none' }),
});

/** RFC 6454: what a browser's `Origin` says. */
const origin = z
  .string()
  .max(300)
  .regex(/^https?:\/\/(([a-z0-9-]+\.)*[a-z0-9-]+|\[[\da-f:.]+\])(:\d{1,5})?$/, {
    error: 'must be like https://example.org, in small letters, without a path',
  });

const viewing = z.object({
  access: setting(z.enum(['open', 'pin']).default('open'), {
    description: 'Who may watch: everybody on the network, or who knows the PIN',
    effect: 'none',
  }),
  pin: setting(
    z
      .string()
      .trim()
      .regex(/^\d{4,12}$/, { error: 'must be 4 to 12 digits' })
      .nullable()
      .default(null),
    {
      description: 'PIN for watching',
      effect: 'none',
      secret: true,
    },
  ),
  recordings: setting(z.boolean().default(false), {
    description: 'Let viewers see recordings',
    effect: 'none',
  }),
  replay: setting(z.boolean().default(true), {
    description: 'Viewers can go back as far as the recording of the running broadcast reaches',
    effect: 'none',
  }),
  maxViewers: setting(integer(1, 10_000).default(10), {
    description: 'Most viewers at one time',
    effect: 'none',
  }),
  maxPerAddress: setting(integer(0, 10_000).nullable().default(null), {
    description:
      'Places of one address that a newcomer may not take from it while the house is full; empty is half, 0 all',
    effect: 'none',
  }),
  embedOrigins: setting(z.array(origin).max(32).default([]), {
    description: 'Web sites that may show the broadcast in pages of theirs, like https://example.org',
    effect: 'none',
  }),
});

const hls = z.object({
  partMs: setting(integer(100, 1_000).default(200), {
    description: 'Length of an LL-HLS part',
    unit: 'ms',
    effect: 'pipeline',
  }),
  segmentMs: setting(integer(500, 10_000).default(1_000), {
    description: 'Length of an HLS segment',
    unit: 'ms',
    effect: 'pipeline',
  }),
  windowSeconds: setting(integer(6, 120).default(20), {
    description: 'How far back viewers can go',
    unit: 's',
    effect: 'pipeline',
  }),
});

const webrtc = z.object({
  engine: setting(z.enum(['native', 'node-datachannel', 'werift']).default('native'), {
    description: 'WebRTC engine',
    effect: 'none',
  }),
  port: setting(integer(0, 65_535).default(8189), {
    description: 'UDP port of WebRTC; 0 takes any that is free',
    effect: 'none',
  }),
  bindAddress: setting(z.union([z.ipv4(), z.ipv6()]).nullable().default(null), {
    description: 'Address that WebRTC listens on; empty is every one',
    effect: 'none',
  }),
  iceServers: setting(
    z
      .array(z.object({ urls: z.union([stunUrl, z.array(stunUrl).max(8)]) }))
      .max(8)
      .default([]),
    {
      description: 'STUN servers handed to viewers',
      effect: 'none',
    },
  ),
  turn: z
    .object({
      urls: setting(z.array(turnUrl).max(8).default([]), {
        description: 'TURN servers handed to viewers',
        effect: 'none',
      }),
      secret: setting(z.string().max(256).nullable().default(null), {
        description: 'Secret shared with the TURN servers (static-auth-secret)',
        effect: 'none',
        secret: true,
      }),
    })
    .prefault({}),
});

const network = z.object({
  hostname: setting(hostname.default('onair'), {
    description: 'Name on the network, before .local',
    effect: 'address',
  }),
  wifi: z
    .object({
      country: setting(
        z
          .string()
          .regex(/^[A-Z]{2}$/, { error: 'must be two capital letters, like GB' })
          .nullable()
          .default(null),
        { description: 'Country whose radio rules hold (ISO 3166)', effect: 'none' },
      ),
      accessPoint: setting(z.boolean().default(true), {
        description: 'Open a protected network of its own where the box finds none',
        effect: 'none',
      }),
      accessPointPassphrase: setting(
        z
          .string()
          .regex(/^[ -~]{8,63}$/, { error: 'must be 8 to 63 letters, digits and signs of ASCII' })
          .nullable()
          .default(null),
        {
          description:
            'Passphrase of its own network: empty takes the one that the box made at its first start',
          effect: 'none',
          secret: true,
        },
      ),
    })
    .prefault({}),
  allowedHosts: setting(z.array(hostName).max(32).default([]), {
    description: 'More names under which browsers may call this box',
    effect: 'none',
  }),
});

const panel = z.object({
  board: setting(
    z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,31})$/, { error: 'must be a name like pi-4, or auto' })
      .default('auto'),
    { description: 'Board: auto finds it, or a name of firmware/boards', effect: 'none' },
  ),
});

const rtsp = z.object({
  enabled: setting(z.boolean().default(true), {
    description: 'Offer the stream by RTSP: for VLC, OBS, Home Assistant, Frigate',
    effect: 'none',
  }),
  port: setting(integer(0, 65_535).default(8_554), {
    description: 'TCP port of RTSP; 0 takes any that is free',
    effect: 'none',
  }),
});

const ingest = z.object({
  key: setting(ingestKey.nullable().default(null), {
    description: 'Key that senders publish with; empty makes a new one',
    effect: 'none',
    secret: true,
  }),
  goesLive: setting(z.boolean().default(true), {
    description:
      'A sender takes the box live where video.source is rtmp, srt or whip; the broadcast ends 60 s after it left',
    effect: 'none',
  }),
  rtmp: setting(z.boolean().default(true), {
    description: 'Take streams by RTMP: from OBS, encoders, phones',
    effect: 'none',
  }),
  srt: setting(z.boolean().default(true), {
    description: 'Take streams by SRT: from OBS, encoders, phones',
    effect: 'none',
  }),
  whip: setting(z.boolean().default(true), {
    description: 'Take streams by WHIP: from OBS 30 and newer, browsers',
    effect: 'none',
  }),
  rtmpPort: setting(integer(0, 65_535).default(1_935), {
    description: 'TCP port of RTMP; 0 takes any that is free',
    effect: 'none',
  }),
  srtPort: setting(integer(0, 65_535).default(9_710), {
    description: 'UDP port of SRT; 0 takes any that is free',
    effect: 'none',
  }),
});

const hub = z.object({
  url: setting(
    z
      .url({ protocol: /^wss?$/, error: 'must be ws://ADDRESS or wss://ADDRESS' })
      .max(512)
      .refine(hasNoCredentials, { error: 'must not name a user or a password: the key goes into hub.key' })
      .nullable()
      .default(null),
    {
      description: 'Hub that this box joins as a device: ws://ADDRESS or wss://ADDRESS',
      effect: 'none',
    },
  ),
  key: setting(headerToken.nullable().default(null), {
    description: 'Key that enrolling this box at the hub returned',
    effect: 'none',
    secret: true,
  }),
  redisUrl: setting(
    z
      .url({ protocol: /^rediss?$/, error: 'must be redis://ADDRESS or rediss://ADDRESS' })
      .max(512)
      .refine(isRedisAddress, {
        error: 'must end with nothing but a database number, like redis://ADDRESS:6379/0',
      })
      .nullable()
      .default(null),
    {
      description: 'Redis for a hub of several processes: redis://ADDRESS:6379',
      effect: 'none',
      secret: true,
    },
  ),
});

const recording = z.object({
  mode: setting(z.enum(['off', 'live', 'manual']).default('manual'), {
    description: 'Recording: off, with each broadcast (live), or started by hand (manual)',
    effect: 'none',
  }),
  segmentMinutes: setting(integer(1, 240).default(30), {
    description: 'Length of a file',
    unit: 'min',
    effect: 'none',
  }),
  keepFreeMB: setting(integer(50, 1_000_000).default(500), {
    description: 'Space that recordings leave free',
    unit: 'MB',
    effect: 'none',
  }),
  location: setting(z.enum(['auto', 'usb', 'card']).default('auto'), {
    description: 'Where recordings go: auto takes a USB disk where one is plugged in',
    effect: 'none',
  }),
  deleteOldest: setting(z.boolean().default(false), {
    description: 'Delete the oldest recording where room is needed',
    effect: 'none',
  }),
});

const mqtt = z.object({
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

const webhooks = z.object({
  urls: setting(
    z
      .array(z.url({ protocol: /^https?$/, error: 'must be http://ADDRESS or https://ADDRESS' }).max(1_024))
      .max(8)
      .default([]),
    {
      description: 'Addresses that are told what happens, by POST: https://ADDRESS',
      effect: 'none',
      mask: maskWebhook,
    },
  ),
  secret: setting(z.string().min(1).max(256).nullable().default(null), {
    description: 'Key by which webhooks are signed (Standard Webhooks): whsec_…, or any text',
    effect: 'none',
    secret: true,
  }),
  events: setting(
    z
      .array(webhookEvent)
      .max(4)
      .default([...webhookEvent.options]),
    {
      description: 'What webhooks tell of: live, offline, trouble, recording.complete',
      effect: 'none',
    },
  ),
});

/** A file that a program beside the box keeps. */
const filePath = z
  .string()
  .max(1_024)
  .regex(/^\/[^\p{C}]+$/u, { error: 'must be a whole path, like /etc/onair/tls/fullchain.pem' });

const httpAddress = z
  .url({ protocol: /^https?$/, error: 'must be https://ADDRESS' })
  .max(512)
  .refine(hasNoCredentials, { error: 'must not name a user or a password' });
const httpsAddress = httpAddress.refine((url) => url.startsWith('https:'), {
  error: 'must be https://ADDRESS',
});

const ownerFile = (what: string) =>
  setting(filePath.nullable().default(null), {
    description: `File with ${what} for a domain of yours (PEM), read again when it changes`,
    effect: 'none',
  });

const acme = z.object({
  domain: setting(
    z
      .string()
      .trim()
      .toLowerCase()
      .max(253)
      .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, {
        error: 'must be a name like camera.example.org',
      })
      .refine((name) => !/\.(local|lan|internal|arpa|localhost)$/.test(name), {
        error: 'must be a public name: the box vouches for names of this network itself',
      })
      .nullable()
      .default(null),
    {
      description:
        'A domain of yours that points to the box: it asks an authority for a certificate that every browser knows',
      effect: 'none',
    },
  ),
  email: setting(z.email({ error: 'must be an e-mail address' }).max(254).nullable().default(null), {
    description: 'Address that the authority may write to when a certificate is about to end',
    effect: 'none',
  }),
  directoryUrl: setting(httpsAddress.default('https://acme-v02.api.letsencrypt.org/directory'), {
    description: 'The authority, by ACME: https://ADDRESS',
    effect: 'none',
  }),
  dnsUrl: setting(httpAddress.default('https://auth.acme-dns.io'), {
    description: 'acme-dns server at which the box proves the domain: https://ADDRESS',
    effect: 'none',
  }),
});

const https = z.object({
  acme: acme.prefault({}),
  certificateFile: ownerFile('the certificate and its chain'),
  keyFile: ownerFile('its key'),
  mode: setting(z.enum(['auto', 'off', 'required']).default('auto'), {
    description: 'HTTPS: auto serves it beside HTTP, required sends browsers there, off leaves HTTP alone',
    effect: 'none',
  }),
  hsts: setting(z.boolean().default(false), {
    description:
      'Tell browsers to use HTTPS alone for a year (HSTS); only where the certificate is trusted everywhere',
    effect: 'none',
  }),
});

/** All settings of a box: the one schema for web, command line, serial line and file. */
export const settingsSchema = z.object({
  device,
  broadcast,
  video: video.prefault({}),
  audio: audio.prefault({}),
  overlay: overlay.prefault({}),
  viewing: viewing.prefault({}),
  hls: hls.prefault({}),
  webrtc: webrtc.prefault({}),
  panel: panel.prefault({}),
  network: network.prefault({}),
  rtsp: rtsp.prefault({}),
  ingest: ingest.prefault({}),
  hub: hub.prefault({}),
  https: https.prefault({}),
  recording: recording.prefault({}),
  mqtt: mqtt.prefault({}),
  webhooks: webhooks.prefault({}),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Settings of a box at its first start. */
export function initialSettings(identity: { deviceId: string; streamId: string }): Settings {
  return settingsSchema.parse({
    device: { id: identity.deviceId },
    broadcast: { streamId: identity.streamId },
  });
}

/** Every single setting with its dotted key, what people read of it, and its schema. */
export function listSettings(): { key: string; meta: SettingMeta; schema: z.ZodType }[] {
  const found: { key: string; meta: SettingMeta; schema: z.ZodType }[] = [];
  const visit = (schema: z.ZodType, path: string[]): void => {
    const meta = metaOf(schema);
    if (meta) found.push({ key: path.join('.'), meta, schema });
    else if (schema instanceof z.ZodPrefault) visit(schema.def.innerType as z.ZodType, path);
    else if (schema instanceof z.ZodObject)
      for (const [name, inner] of Object.entries(schema.shape)) visit(inner as z.ZodType, [...path, name]);
  };
  visit(settingsSchema, []);
  return found;
}
