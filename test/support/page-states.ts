import type { Page } from 'playwright-core';
import type { StatusBody } from '#core/protocol/endpoints/box.ts';

/** What a box says, for states of the page that a real one passes through too quickly to look at. */
export interface SaidByBox {
  state: StatusBody['broadcast']['state'];
  reason?: StatusBody['broadcast']['reason'];
  admitted?: boolean;
  /** LANCast: what it says, a full house, or nothing at all. */
  lancast?: 'status' | 'full' | 'silent';
  /** Nobody answers. */
  away?: boolean;
}

/** Puts a box of the test's own making between page and box; the page itself still comes from the real one. */
export async function speakAs(page: Page, said: SaidByBox): Promise<void> {
  const live = said.state === 'live';
  await page.route('**/api/v1/status', async (route) => {
    if (said.away) return await route.abort('connectionrefused');
    await route.fulfill({
      json: {
        device: { id: 'box', name: 'Onair', hostname: 'onair', address: 'http://192.168.1.20', version: '0' },
        stream: { id: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f', title: 'Live' },
        broadcast: { state: said.state, startTime: null, reason: said.reason ?? null },
        viewer: { admitted: said.admitted ?? true },
      },
    });
  });
  await page.routeWebSocket('**/ws', (socket) => {
    if (said.away) return void socket.close();
    if (said.lancast === 'silent') return;
    const message =
      said.lancast === 'full'
        ? { type: 'error', data: { code: 'ROOM_FULL', message: 'Room full - maximum viewers reached' } }
        : { type: 'status', data: { live, viewerCount: 3 } };
    socket.send(JSON.stringify(message));
    if (said.lancast === 'full') void socket.close();
  });
  // Pictures never come: a session is asked for, and nobody says anything.
  await page.route('**/whep', () => {});
  await page.route('**/hls/**', () => {});
}

export interface PageState {
  /** What the page says of itself (`data-state`). */
  shows: string;
  said: SaidByBox;
}

const reason = {
  code: 'no-camera',
  message: 'No camera was found.',
  action: 'Plug a camera in, or set video.source to test or to file:PATH.',
};

/** Every state of the viewer's page in which there is no picture, by name. */
export const pageStates: Readonly<Record<string, PageState>> = {
  offline: { shows: 'offline', said: { state: 'offline' } },
  starting: { shows: 'starting', said: { state: 'starting' } },
  connecting: { shows: 'starting', said: { state: 'live' } },
  camera: { shows: 'retrying', said: { state: 'retrying' } },
  failed: { shows: 'failed', said: { state: 'failed', reason } },
  full: { shows: 'full', said: { state: 'live', lancast: 'full' } },
  pin: { shows: 'locked', said: { state: 'live', admitted: false } },
  unreachable: { shows: 'unreachable', said: { state: 'live', away: true } },
};
