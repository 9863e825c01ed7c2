import { DeviceSignaling } from '#control/dialects/device-signaling.ts';
import { Lancast } from '#control/dialects/lancast.ts';
import { Loudsync } from '#control/dialects/loudsync/loudsync.ts';
import { Nova } from '#control/dialects/nova/nova.ts';
import { StreamSync } from '#control/dialects/streamsync/streamsync.ts';
import { ViewerSignaling } from '#control/dialects/viewer-signaling.ts';

/** Stands for every service: only the tables are read, and nothing is ever called. */
function nothing<Service>(): Service {
  return {} as Service;
}

export const dialects = [
  new Lancast(nothing()),
  new Nova(nothing()),
  new ViewerSignaling(nothing()),
  new DeviceSignaling(nothing()),
  new Loudsync(nothing()),
  new StreamSync(nothing()),
];
