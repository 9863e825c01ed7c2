import { z } from 'zod';
import { metaOf, type SettingMeta } from './setting-meta.ts';
import { audio } from './settings/audio.ts';
import { broadcast } from './settings/broadcast.ts';
import { camera } from './settings/camera.ts';
import { device } from './settings/device.ts';
import { hls } from './settings/hls.ts';
import { https } from './settings/https.ts';
import { hub } from './settings/hub.ts';
import { ingest } from './settings/ingest.ts';
import { mqtt } from './settings/mqtt.ts';
import { network } from './settings/network.ts';
import { overlay } from './settings/overlay.ts';
import { panel } from './settings/panel.ts';
import { recording } from './settings/recording.ts';
import { rtsp } from './settings/rtsp.ts';
import { update } from './settings/update.ts';
import { video } from './settings/video.ts';
import { viewing } from './settings/viewing.ts';
import { webhooks } from './settings/webhooks.ts';
import { webrtc } from './settings/webrtc.ts';

/** All settings of a box by chapters, each a file of settings/: the one schema for web, command line, serial line and file. */
export const settingsSchema = z.object({
  device,
  broadcast,
  video: video.prefault({}),
  audio: audio.prefault({}),
  overlay: overlay.prefault({}),
  camera: camera.prefault({}),
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
  update: update.prefault({}),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Settings of a box at its first start. */
export function initialSettings(identity: { deviceId: string; streamId: string }): Settings {
  return settingsSchema.parse({
    device: { id: identity.deviceId },
    broadcast: { streamId: identity.streamId },
  });
}

/** Other names that settings are known by (design.md, "Settings"): they are taken and shown, and kept under their own. */
export const otherSettingNames: Readonly<Record<string, string>> = { 'device.hostname': 'network.hostname' };

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
