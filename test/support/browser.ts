/** A real Chromium from the npm registry, so that nothing has to be installed by hand. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { waitFor } from './wait.ts';

/** The package is made for scraping: its flags turn off what keeps origins apart. */
const unsafe = ['--disable-web-security', '--disable-site-isolation-trials', '--allow-running-insecure-content'];
const flags = chromium.args.filter((flag) => !unsafe.includes(flag));

export async function startBrowser(): Promise<Browser> {
  const browser = await playwright.launch({
    executablePath: await unpack(),
    args: [...flags, '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    headless: true,
  });
  onTestFinished(() => browser.close());
  return browser;
}

/**
 * Where the browser is. Files run beside each other, and share the folder that it is unpacked in: the first of them unpacks it,
 * and the others wait, since a program cannot be run while it is being written.
 */
async function unpack(): Promise<string> {
  const folder = join(tmpdir(), 'browser');
  const note = join(folder, 'path');
  if (await isFirst(folder)) {
    await writeFile(`${note}.new`, await chromium.executablePath());
    await rename(`${note}.new`, note);
  }
  return waitFor(() => readFile(note, 'utf8'));
}

async function isFirst(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
