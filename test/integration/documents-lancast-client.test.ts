import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser, watchPage } from '../support/browser.ts';
import { readText } from '../support/source-files.ts';

// The client that lancast.md prints, unchanged, in a page of Chromium against the whole appliance.

const skip = existsSync('/usr/bin/chromium') ? false : 'no Chromium here';

interface Status {
  live: boolean;
  viewerCount: number;
  streamInfo?: { resolution: string; bitrate: number; startTime: string };
}

t.test(
  'the printed StatusConnection works in Chromium against a demo',
  { skip, timeout: 90_000 },
  async (t) => {
    const appliance = await Appliance.start({ settings: { viewing: { maxViewers: 2 } } });
    t.teardown(() => appliance.close());
    const origin = await appliance.origin();
    const browser = await launchBrowser();
    t.teardown(() => browser.close());
    const printed = await readText('test/fixtures/lancast/printed-client.js.txt');

    /** A page with the printed client; each context is a viewer of its own. */
    const openPage = async (expected: RegExp[] = []) => {
      const page = await (await browser.newContext()).newPage();
      const { problems } = watchPage(page, origin, [/favicon\.ico/, ...expected]);
      const said: { kind: string; data: unknown }[] = [];
      const hearing = new EventEmitter();
      await page.exposeFunction('hear', (kind: string, data: unknown) => {
        said.push({ kind, data });
        hearing.emit('heard');
      });
      await page.goto(`${origin}/api/v1/health`);
      await page.addScriptTag({
        content: `${printed}
        class Heard extends StatusConnection {
          onStatus(data) { hear('status', data); }
          onError(data) { hear('error', data); }
        }
        const connection = new Heard(${JSON.stringify(`${origin.replace('http', 'ws')}/ws`)});`,
      });
      const until = async (fits: (data: Status) => boolean): Promise<Status> => {
        for (;;) {
          const latest = said.filter(({ kind }) => kind === 'status').at(-1)?.data as Status | undefined;
          if (latest && fits(latest)) return latest;
          await heard();
        }
      };
      /** Anything at all. */
      const heard = async (): Promise<void> => {
        const signal = AbortSignal.timeout(20_000);
        await once(hearing, 'heard', { signal }).catch(() => {
          throw new Error(`nothing more was said; latest ${JSON.stringify(said.slice(-5))}`);
        });
      };
      return { page, problems, said, until, heard };
    };

    const first = await openPage([/WebSocket connection/]);
    t.strictSame(await first.until(() => true), { live: false, viewerCount: 1 });
    const second = await openPage();
    await first.until(({ viewerCount }) => viewerCount === 2);

    await appliance.press();
    const { streamInfo } = await first.until(({ live }) => live);
    t.match(streamInfo, { resolution: '1280x720', bitrate: 3_000, startTime: /^\d{4}-.*Z$/ });
    t.equal(streamInfo?.startTime, (await appliance.status()).broadcast.startTime);

    const third = await openPage();
    while (third.said.length === 0) await third.heard();
    t.match(third.said[0], {
      kind: 'error',
      data: { code: 'ROOM_FULL', message: 'Room full - maximum viewers reached' },
    });
    await second.page.close();
    t.match(
      await third.until(() => true),
      { live: true, viewerCount: 2 },
      'let in once there is room: it tries again',
    );
    await third.page.close();
    await first.until(({ viewerCount }) => viewerCount === 1);

    await appliance.press();
    t.strictSame(await first.until(({ live }) => !live), { live: false, viewerCount: 1 });

    const back = first.heard();
    await appliance.kill('control');
    await back;
    t.match(first.said.at(-1), { kind: 'status', data: { live: false } }, 'it comes back by itself');
    t.strictSame([first.problems, second.problems, third.problems].flat(), []);
  },
);
