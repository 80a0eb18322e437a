/** A real Chromium from the npm registry, so that nothing has to be installed by hand. */
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';
import { onTestFinished } from 'vitest';

export async function startBrowser(): Promise<Browser> {
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args, '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    headless: true,
  });
  onTestFinished(() => browser.close());
  return browser;
}
