import { z } from 'zod';
import { broadcastState } from '../../domain/broadcast-state.ts';
import { problem } from '../../domain/problem.ts';
import { fingerprintPlace } from '../endpoints/certificate.ts';
import { envelope } from '../signaling.ts';
import { daemonHello, daemonWelcome } from './daemon.ts';

/** What control and the panel say to each other. */

/** What the lights warn of besides the broadcast itself. */
export const panelCondition = z.enum([
  'no-network',
  'access-point',
  'too-hot',
  'under-voltage',
  'battery-low',
  'settings-wrong',
  'output-failing',
]);

export type PanelCondition = z.infer<typeof panelCondition>;

/** On every change, and twice a second while live: a panel that hears nothing for 1 s trusts nothing. */
export const panelState = envelope(
  'panel_state',
  z.object({
    state: broadcastState,
    /** Frames and packets both advanced within the last second. */
    advancing: z.boolean(),
    viewers: z.number().int(),
    reason: problem.nullable(),
    /** Somebody asks to become operator, or may: a press under 7 s answers that and nothing else. */
    pairing: z.boolean(),
    /** Somebody asks the lights to prove the box, or they do: the place of the fingerprint that they flash. */
    proof: z.union([z.literal('asked'), fingerprintPlace]).nullable(),
    conditions: z.array(panelCondition),
  }),
);

/** After the welcome and on change: the setting `panel.board`, a name or `auto`. */
export const panelConfigure = envelope('panel_configure', z.object({ board: z.string() }));

export const panelButton = envelope(
  'panel_button',
  z.object({
    pressId: z.string(),
    press: z.enum(['short', 'long', 'very-long']),
    /** Milliseconds since the edge: a press older than 5 s is not acted on any more. */
    ageMs: z.number().min(0),
  }),
);

/** Every press is answered once; the same `pressId` again is answered and not acted on again. */
export const panelButtonAck = envelope(
  'panel_button_ack',
  z.object({ pressId: z.string(), action: z.string(), problem: problem.nullable() }),
);

export const toPanel = z.discriminatedUnion('type', [
  daemonWelcome,
  panelConfigure,
  panelState,
  panelButtonAck,
]);

export const fromPanel = z.discriminatedUnion('type', [daemonHello, panelButton]);

export type ToPanel = z.infer<typeof toPanel>;

export type FromPanel = z.infer<typeof fromPanel>;
