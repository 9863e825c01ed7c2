import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { watchPage } from './browser.ts';
import type { Received, ShownPicture } from './shown.ts';

const probeScript = buildSync({
  entryPoints: [fileURLToPath(new URL('page/probe.ts', import.meta.url))],
  bundle: true,
  format: 'iife',
  write: false,
}).outputFiles[0]?.text;

/** Still for at least so long is an interruption; a busy machine makes shorter ones by itself. */
const stillMs = 300;

/** How pictures did after something happened; a busy machine makes short gaps of its own, which do not count. */
export interface Interruption {
  /** When the longest time that they stood still was over, in milliseconds after it; 0 where they never did. */
  overAfterMs: number;
  longestMs: number;
  /** All gaps, for people. */
  said: string;
}

const noGap = { endMs: 0, stillMs: 0 };

/** A viewer's page in a browser, as a test sees it: what it says, and what its pictures show. */
export class ViewerPage {
  readonly page: Page;
  /** Console errors, uncaught errors, requests that left the box. */
  readonly problems: string[];
  /** Wall clock at which the page was asked for. */
  readonly openedAtMs = Date.now();
  #whepPosts = 0;
  #loads = 0;

  private constructor(page: Page, origin: string, expected: RegExp[]) {
    this.page = page;
    this.problems = watchPage(page, origin, expected).problems;
    page.on('domcontentloaded', () => {
      this.#loads += 1;
    });
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url() === `${origin}/whep`) this.#whepPosts += 1;
    });
  }

  /**
   * Opens the page.
   * @param options.path "/?way=hls"
   * @param options.initScript runs in the page before anything else
   * @param options.expected console errors that are no problem here
   * @param options.before sets up the tab, such as how slow it is
   * @param options.context a browser's identity (cookies) to share; a new one by default
   */
  static async open(
    browser: Browser,
    origin: string,
    options: {
      path?: string;
      initScript?: string;
      expected?: RegExp[];
      context?: BrowserContext;
      before?: (session: CDPSession) => Promise<void>;
    } = {},
  ): Promise<ViewerPage> {
    const context = options.context ?? (await browser.newContext());
    const page = await context.newPage();
    if (options.initScript) await page.addInitScript({ content: options.initScript });
    await page.addInitScript({ content: probeScript ?? '' });
    if (options.before) await options.before(await context.newCDPSession(page));
    const viewer = new ViewerPage(page, origin, options.expected ?? []);
    await page.goto(`${origin}${options.path ?? '/'}`, { waitUntil: 'commit' });
    await page.waitForLoadState('domcontentloaded');
    return viewer;
  }

  /** Offers that the page has sent to /whep so far. */
  get whepPosts(): number {
    return this.#whepPosts;
  }

  /** How often the page was loaded. */
  get loads(): number {
    return this.#loads;
  }

  /** Resolves with the wall clock once the page says so. */
  async state(
    state: string,
    way: 'webrtc' | 'hls' | 'none' | null = null,
    timeoutMs = 30_000,
  ): Promise<number> {
    return await this.#call(`state(${JSON.stringify(state)}, ${JSON.stringify(way)}, ${timeoutMs})`);
  }

  /** Resolves with the first picture shown that was captured after `clockMs`. */
  async pictureAfter(clockMs: number, timeoutMs = 30_000): Promise<ShownPicture> {
    return await this.#call(`pictureAfter(${clockMs}, ${timeoutMs})`);
  }

  /** Resolves with the next pictures shown. */
  async nextPictures(count: number, timeoutMs = 30_000): Promise<ShownPicture[]> {
    return await this.#call(`nextPictures(${count}, ${timeoutMs})`);
  }

  /** Resolves with how long it took from asking for the page to its first picture, in milliseconds. */
  async joinMs(): Promise<number> {
    const { atMs }: ShownPicture = await this.#call('firstPicture(20000)');
    return atMs - this.openedAtMs;
  }

  /** Resolves with the first picture shown at that time or later. */
  async shownAt(atMs: number): Promise<ShownPicture> {
    return await this.#call(`shownAt(${atMs}, ${Math.max(0, atMs - Date.now()) + 20_000})`);
  }

  /** The pictures shown since then. */
  async picturesSince(atMs: number): Promise<ShownPicture[]> {
    return await this.#call(`pictures.filter((picture) => picture.atMs >= ${atMs})`);
  }

  /** What the newest peer connection has received. */
  async received(): Promise<Received> {
    return await this.#call('received()');
  }

  /** Resolves with the peak once something louder than `threshold` is heard. */
  async sound(threshold = 0.02, timeoutMs = 20_000): Promise<number> {
    return await this.#call(`sound(${threshold}, ${timeoutMs})`);
  }

  /** How the pictures did after something happened at `atMs`. */
  async interruption(atMs: number): Promise<Interruption> {
    const times = (await this.picturesSince(atMs - stillMs)).map((picture) => picture.atMs);
    const gaps = times
      .map((time, at) => ({ endMs: time - atMs, stillMs: time - Math.max(times[at - 1] ?? atMs, atMs) }))
      .filter((gap) => gap.stillMs >= stillMs);
    const longest = gaps.reduce((one, other) => (other.stillMs > one.stillMs ? other : one), noGap);
    const said = gaps.map((gap) => `${gap.stillMs} ms till ${gap.endMs}`).join(', ');
    return {
      overAfterMs: longest.endMs,
      longestMs: longest.stillMs,
      said: said === '' ? 'never still' : `still ${said}`,
    };
  }

  /** Text of an element by its id. */
  async text(id: string): Promise<string> {
    return (await this.page.locator(`#${id}`).textContent()) ?? '';
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  async #call<Result>(expression: string): Promise<Result> {
    return await this.page.evaluate(`onairProbe.${expression}`);
  }
}
