import type { Channel } from '../channel.ts';
import { lancastChannel } from './lancast.ts';
import { loudsyncChannel } from './loudsync.ts';
import { novaChannel } from './nova.ts';
import { deviceChannel } from './signaling-device.ts';
import { viewerChannel } from './signaling-viewer.ts';
import { streamSyncChannel } from './streamsync.ts';

/** Every web socket protocol of the box. */
export const channels: readonly Channel[] = [
  lancastChannel,
  novaChannel,
  viewerChannel,
  deviceChannel,
  loudsyncChannel,
  streamSyncChannel,
];
