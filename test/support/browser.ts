import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** Debian's Chromium, silent towards the rest of the world. */
export async function launchBrowser(
  options: { hostResolverRules?: string; args?: string[]; env?: NodeJS.ProcessEnv; headless?: boolean } = {},
): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    headless: options.headless ?? true,
    ...(options.env ? { env: options.env as Record<string, string> } : {}),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      ...(options.hostResolverRules ? [`--host-resolver-rules=${options.hostResolverRules}`] : []),
      ...(options.args ?? []),
    ],
  });
}

/**
 * What a page complained of: console errors, uncaught errors, and requests that left the box.
 * @param expected console errors (with the address they are about) that are no problem
 */
export function watchPage(page: Page, origin: string, expected: RegExp[] = []): { problems: string[] } {
  const problems: string[] = [];
  page.on('console', (message) => {
    const text = `${message.text()} ${message.location().url}`;
    if (message.type() === 'error' && !expected.some((each) => each.test(text))) problems.push(text);
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) problems.push(`request to ${url}`);
  });
  return { problems };
}

/**
 * Resolves once an expression is true in the page. Not by waitForFunction: where it is not true at once, that evaluates text in the
 * page, which the box's policy allows nobody. @throws Error after half a minute
 */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  const dueMs = Date.now() + 30_000;
  while (!(await page.evaluate(expression))) {
    if (Date.now() > dueMs) throw new Error(`never: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
