import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** `npm test` finds or installs a browser and names it (`scripts/browser.mjs`); a single test file may run without it. */
const named = process.env.CHROME_PATH ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
const executablePath = named === '' ? undefined : named;

/** Declares tests in a browser, which are skipped where there is none. */
export const inBrowser = executablePath === undefined ? describe.skip : describe;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    // As root, Chromium cannot set up its sandbox; it shows only what the tests wrote.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}
