import { z } from 'zod';

/** design.md, "Shapes": the states of a broadcast as everybody sees them. */
export const broadcastState = z.enum(['offline', 'starting', 'live', 'retrying', 'stopping', 'failed']);
export type BroadcastState = z.infer<typeof broadcastState>;
