import type { Browser, Page } from 'playwright-core';
import type { Appliance } from './appliance.ts';
import { violationsOf } from './axe.ts';
import { watchPage } from './browser.ts';

/** What the test must press is near: a busy machine needs a while all the same. */
const patienceMs = 60_000;

/** An operator's page in a browser of its own. */
export class StudioPage {
  readonly page: Page;
  /** Console errors, uncaught errors, requests that left the box. */
  readonly problems: string[];

  private constructor(page: Page, problems: string[]) {
    this.page = page;
    this.problems = problems;
  }

  /** @param options.expected console errors that are no problem here */
  static async open(
    browser: Browser,
    origin: string,
    options: { expected?: RegExp[]; width?: number; height?: number; dark?: boolean; locale?: string } = {},
  ): Promise<StudioPage> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
      colorScheme: options.dark ? 'dark' : 'light',
      locale: options.locale ?? 'en-GB',
      // What is on its way has no colour yet.
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    const { problems } = watchPage(page, origin, options.expected);
    await page.goto(`${origin}/studio`);
    return new StudioPage(page, problems);
  }

  /** Asks for the button and holds it, as somebody beside the box does. */
  async pair(appliance: Appliance): Promise<void> {
    await this.page.getByRole('button', { name: 'Wait for the button' }).click();
    await this.page.getByText('Hold the button of the box for 3 seconds, then let go.').waitFor();
    await this.waiting(appliance);
    await appliance.onair('press', '--long');
    await this.page.getByRole('navigation', { name: 'Studio' }).waitFor();
  }

  /** The box knows that somebody waits. */
  async waiting(appliance: Appliance): Promise<void> {
    for (;;) {
      const { waiting } = (await appliance.call('GET', '/api/v1/pairing')) as { waiting: boolean };
      if (waiting) return;
    }
  }

  async tab(name: 'Live' | 'Settings' | 'People' | 'Box'): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Studio' }).getByRole('link', { name }).click();
  }

  /** What axe-core finds wrong with what is shown. */
  async violations(): Promise<string[]> {
    return await violationsOf(this.page);
  }
}
