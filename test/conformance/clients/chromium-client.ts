import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpClient } from '../http-client.ts';
import type { Kind } from '../requirement.ts';
import type { ProgramReport } from './program-client.ts';

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** What runs in the page. */
interface PageSide {
  offer(kind: string): Promise<string>;
  answer(sdp: string): Promise<void>;
  frames(): Promise<{ connected: boolean; frames: number }>;
}

/** Debian's Chromium by Playwright. HTTP is ours, so that no server's CORS decides whether its media work. */
export async function watchWithChromium(options: {
  url: string;
  kind: Kind;
  http: HttpClient;
  timeoutMs: number;
}): Promise<ProgramReport | string> {
  const executablePath = programs.find((path) => existsSync(path));
  if (executablePath === undefined) return 'Chromium is not here';
  const playwright = await import('playwright-core').catch(() => null);
  if (playwright === null) return 'playwright-core is not here';
  const browser = await playwright.chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  });
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<title>x</title>'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let location: string | null = null;
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.evaluate(pageSide);
    const side = <Name extends keyof PageSide>(
      name: Name,
      argument: string,
    ): Promise<Awaited<ReturnType<PageSide[Name]>>> =>
      page.evaluate(
        ([method, value]) =>
          (globalThis as unknown as { side: Record<string, (text: string) => unknown> }).side[method]?.(
            value,
          ),
        [name, argument] as const,
      ) as never;
    const offer = await side('offer', options.kind);
    const created = await options.http.send('POST', options.url, {
      headers: { 'content-type': 'application/sdp' },
      body: offer,
    });
    const make = `Chromium ${browser.version()}`;
    if (created.status !== 201)
      return { make, connected: false, frames: 0, problem: `POST: ${created.status}` };
    location = new URL(created.headers.location ?? '', options.url).href;
    await side('answer', created.text);
    const until = performance.now() + options.timeoutMs;
    for (;;) {
      const seen = await side('frames', '');
      if (seen.frames >= 10) return { make, ...seen, problem: null };
      if (performance.now() > until)
        return { make, ...seen, problem: `${seen.frames} frames in ${options.timeoutMs / 1_000} s` };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } catch (error) {
    return {
      make: 'Chromium',
      connected: false,
      frames: 0,
      problem: (error as Error).message.split('\n')[0] ?? '',
    };
  } finally {
    if (location !== null) await options.http.send('DELETE', location).catch(() => {});
    await browser.close();
    server.close();
  }
}

const pageSide = `(() => {
  const connection = new RTCPeerConnection();
  let kind = 'whep';
  globalThis.side = {
    async offer(wanted) {
      kind = wanted;
      if (kind === 'whip') {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
        for (const track of stream.getTracks()) connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
      } else for (const media of ['audio', 'video']) connection.addTransceiver(media, { direction: 'recvonly' });
      await connection.setLocalDescription();
      if (connection.iceGatheringState !== 'complete')
        await new Promise((resolve) => { connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && resolve(); });
      return connection.localDescription.sdp;
    },
    answer: (sdp) => connection.setRemoteDescription({ type: 'answer', sdp }),
    async frames() {
      let frames = 0;
      for (const stats of (await connection.getStats()).values()) {
        if (kind === 'whep' && stats.type === 'inbound-rtp' && stats.kind === 'video') frames = stats.framesDecoded ?? 0;
        if (kind === 'whip' && stats.type === 'outbound-rtp' && stats.kind === 'video') frames = stats.framesSent ?? 0;
      }
      return { connected: connection.connectionState === 'connected', frames };
    },
  };
})()`;
