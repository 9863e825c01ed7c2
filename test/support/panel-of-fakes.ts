import type { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { LightState } from '#core/hardware/light/light.ts';
import type { FromPanel, ToPanel } from '#core/protocol/link/panel.ts';
import type { LinkClient } from '#core/runtime/link-client.ts';
import { lightTable } from '#panel/light-table.ts';
import { Panel } from '#panel/panel.ts';
import { DrivenClock } from './driven-clock.ts';
import { keepingLogger } from './link-pair.ts';

interface SentPress {
  pressId: string;
  press: string;
  ageMs: number;
}

/** A panel whose board and link are the test's. */
export async function newPanel({ count = 2 as 1 | 2, problems = [] as OnairError[] } = {}) {
  const clock = new DrivenClock();
  const { logger } = keepingLogger();
  const said: string[] = [];
  Object.assign(logger, { info: (_details: unknown, message: string) => void said.push(message) });
  const shown: LightState[] = [];
  const order: string[] = [];
  let level: (pressed: boolean) => void = () => {};
  const line = {
    start: async (onLevel: (pressed: boolean) => void) => {
      order.push('line');
      level = onLevel;
      onLevel(false);
    },
    close: () => void order.push('line closed'),
  };
  const lights = {
    count,
    start: async () => void order.push('lights'),
    show: (state: LightState) => void shown.push(state),
    close: () => void order.push('lights closed'),
  };
  let up = false;
  const sent: SentPress[] = [];
  const link = {
    events: new EventHub<{ connected: undefined; disconnected: undefined; message: unknown }>(),
    start: () => void order.push('link'),
    close: () => void order.push('link closed'),
    send: (message: { payload: SentPress }) => {
      if (up) sent.push(message.payload);
      return up;
    },
  };
  const panel = new Panel({
    ...{ board: { line, lights, problems }, clock, logger },
    link: link as unknown as LinkClient<ToPanel, FromPanel>,
  });
  await panel.start();
  const connect = (): void => {
    up = true;
    link.events.emit('connected');
  };
  const disconnect = (): void => {
    up = false;
    link.events.emit('disconnected');
  };
  const hear = (type: string, payload: object): void => void link.events.emit('message', { type, payload });
  const state = (name: string, advancing = false): void =>
    hear('panel_state', {
      ...{ state: name, advancing, viewers: 0, reason: null, pairing: false, proof: null },
      conditions: [],
    });
  const answer = (pressId: string | undefined, problem: object | null = null): void =>
    hear('panel_button_ack', { pressId, action: 'start', problem });
  const press = (heldMs = 100): void => {
    level(true);
    clock.advance(heldMs);
    level(false);
    clock.advance(40);
  };
  const red = () => shown.at(-1)?.red;
  const problemShown = (): boolean => JSON.stringify(red()) === JSON.stringify(lightTable.refused.red);
  return {
    panel,
    lights,
    clock,
    shown,
    sent,
    order,
    said,
    connect,
    disconnect,
    state,
    answer,
    press,
    red,
    problemShown,
  };
}
