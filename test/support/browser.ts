/** A real Chromium from the npm registry, so that nothing has to be installed by hand. */
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';
import { onTestFinished } from 'vitest';

/** The package is made for scraping: its flags turn off what keeps origins apart. */
const unsafe = ['--disable-web-security', '--disable-site-isolation-trials', '--allow-running-insecure-content'];
const flags = chromium.args.filter((flag) => !unsafe.includes(flag));

export async function startBrowser(): Promise<Browser> {
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...flags, '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    headless: true,
  });
  onTestFinished(() => browser.close());
  return browser;
}
