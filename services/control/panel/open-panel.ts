import type { Closable } from '#core/runtime/daemon.ts';
import type { Access } from '../access/open-access.ts';
import type { Board } from '../board/open-board.ts';
import type { Broadcasting } from '../broadcast/open-broadcast.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { Link } from '../link/open-link.ts';
import type { Network } from '../network/open-network.ts';
import type { OpenOutputs } from '../outputs/open-outputs.ts';
import type { OpenRecordings } from '../recordings/open-recordings.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import { conditionsOf } from '../settings/settings-problems.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import type { Tls } from '../tls/open-tls.ts';
import { PanelDesk } from './panel-desk.ts';

/** The button and the lights: what a press does, and what the lights warn of. */
export function openPanel(
  deps: Pick<ControlContext, 'clock'> & {
    start: Pick<Start, 'problems' | 'optional'>;
    settings: Pick<OpenSettings, 'store' | 'current' | 'problems'>;
    access: Pick<Access, 'pairing' | 'operators'>;
    board: Pick<Board, 'power'>;
    domain: Pick<Domain, 'broadcast' | 'audience'>;
    network: Pick<Network, 'lan'>;
    link: Pick<Link, 'host'>;
    broadcasting: Pick<Broadcasting, 'director'>;
    outputs: Pick<OpenOutputs, 'outputs'>;
    recordings: Pick<OpenRecordings, 'recordings'>;
    tls: Pick<Tls, 'proof'>;
  },
): Closable {
  const { clock, start, settings, access, domain, link, broadcasting } = deps;
  const { power } = deps.board;
  const { lan } = deps.network;
  const { outputs } = deps.outputs;
  const { recordings } = deps.recordings;
  const { proof } = deps.tls;
  const panel = new PanelDesk({
    link: link.host,
    broadcast: domain.broadcast,
    audience: domain.audience,
    director: broadcasting.director,
    settingsStore: settings.store,
    pairing: access.pairing,
    proof: () => proof.shown,
    forgetOperators: () => access.operators.revokeAll(),
    conditions: () => [
      ...power.state.conditions,
      ...lan.conditions,
      ...conditionsOf([...settings.problems, ...start.problems]),
      ...outputs.conditions,
      ...recordings.conditions,
    ],
    board: () => settings.current().panel.board,
    clock,
  });
  const tell = (): void => panel.tell();
  power.events.on('powerChanged', tell);
  lan.events.on('lanChanged', tell);
  outputs.events.on('outputsChanged', tell);
  recordings.events.on('recordingChanged', tell);
  proof.events.on('proofChanged', tell);
  start.optional.events.on('problemsChanged', tell);
  panel.start();
  return panel;
}
