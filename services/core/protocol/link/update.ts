import { z } from 'zod';
import { problem } from '../../domain/problem.ts';
import { updateBody } from '../endpoints/update.ts';
import { envelope } from '../signaling.ts';
import { daemonHello, daemonWelcome } from './daemon.ts';

/** To update, after the welcome and on change. */
export const updateConfigure = envelope(
  'update_configure',
  z.object({
    /** A broadcast is wanted: no restart now. */
    onAir: z.boolean(),
    /** Where the page is served on loopback. */
    httpPort: z.number().int().nullable(),
    /** Where the newest version is announced, and whether it is installed without being asked for. */
    channel: z.object({ url: z.string().nullable(), auto: z.boolean() }),
  }),
);
/** Brings a bundle from an address, or the newest that the channel or a USB disk offers, or takes the one that control has put into the update folder under this name. */
export const updateInstall = envelope(
  'update_install',
  z.object({
    source: z.union([z.object({ url: z.string() }), z.object({ file: z.string() }), z.literal('channel')]),
    downgrade: z.boolean(),
    onAir: z.boolean(),
  }),
);
export const updateRollback = envelope('update_rollback', z.object({ onAir: z.boolean() }));
/** From update: on each change and after each connection. */
export const updateReport = envelope('update_report', updateBody);
/**
 * From update: are all services here, and does a picture come through the encoder that can be decoded? `source`: of what is
 * set, or of the test picture. Answered by `update_proof`.
 */
export const updateProve = envelope('update_prove', z.object({ source: z.enum(['set', 'test']) }));
/** `reason` says what is missing; null where all is well. */
export const updateProof = envelope('update_proof', z.object({ reason: problem.nullable() }));

export const toUpdate = z.discriminatedUnion('type', [
  daemonWelcome,
  updateConfigure,
  updateInstall,
  updateRollback,
  updateProof,
]);
export const fromUpdate = z.discriminatedUnion('type', [daemonHello, updateReport, updateProve]);
export type ToUpdate = z.infer<typeof toUpdate>;
export type FromUpdate = z.infer<typeof fromUpdate>;
