import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type axe from 'axe-core';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { html } from '../../../../../src/runtime/report/formats/html';
import type { Report, ReportedObject } from '../../../../../src/runtime/report/report';
import { inBrowser, launchBrowser } from '../../../../support/browser';
import { many } from '../../../../support/random';
import { anyReport } from '../../../../support/reports';
import { largeShop, shopDrift, shopPlan, shopSmoke } from '../../../../support/shop-reports';

const WIDE = 1440;
const NARROW = 390;
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let folder: string;

interface Opened {
  readonly page: Page;
  /** What the browser complained about, and what it tried to load. */
  readonly complaints: readonly string[];
}

async function newPage(): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: WIDE, height: 900 }, colorScheme: 'light' });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!request.isNavigationRequest() && !url.startsWith('data:')) complaints.push(`request: ${url}`);
  });
  return { page, complaints };
}

let files = 0;

/** Opens a report from a file, as a person does with the artifact of a pipeline. */
async function open(report: Report): Promise<Opened> {
  const opened = await newPage();
  await opened.page.goto(fileWith(report));
  return opened;
}

function fileWith(report: Report): string {
  const file = join(folder, `report-${(files += 1)}.html`);
  writeFileSync(file, html.render(report));
  return pathToFileURL(file).href;
}

const heading = (page: Page) => page.locator('h1').innerText();
const result = (page: Page) => page.locator('#objects [role=status]').innerText();
const names = (page: Page) => page.locator('#objects tbody .disclosure .name').allInnerTexts();
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search' });
const disclosure = (page: Page, key: string) => page.locator(`[data-key=${JSON.stringify(key)}]`);

/** Elements that reach beyond the right edge of the window, the page itself included. */
const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** @param rules only these; default all */
async function accessibilityProblems(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(axeSource);
  const options = { resultTypes: ['violations'], ...(rules === undefined ? {} : { runOnly: rules }) };
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary = '' }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

inBrowser('the page of an HTML report', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-html-'));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  const reports = { drift: shopDrift, plan: shopPlan, smoke: shopSmoke, large: () => largeShop(3_000) };
  test.each(Object.entries(reports))(
    'fits and is accessible with details open, at 390 and 1,440 px, light and dark: %s',
    async (_, report) => {
      const { page, complaints } = await open(report());
      const folded = page.locator('#objects .disclosure[aria-expanded=false]');
      for (let opened = 0; opened < 6 && (await folded.count()) > 0; opened += 1)
        await folded.first().click();
      for (const summary of await page.locator('details:not([open]) summary').all()) await summary.click();
      for (const [width, colorScheme] of [
        [WIDE, 'light'],
        [NARROW, 'dark'],
      ] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await overflow(page)).toBe(0);
        expect(await accessibilityProblems(page)).toEqual([]);
      }
      expect(complaints).toEqual([]);
    },
  );

  test('texts stand out from what is behind them by 4.5 to 1 at both widths in both schemes', async () => {
    const { page } = await open(shopDrift());
    await disclosure(page, 'station/orders-returns').click();
    await disclosure(page, 'schema/orders-order').click();
    await disclosure(page, 'station/tmp-anna-debug').click();
    for (const [width, colorScheme] of [
      [NARROW, 'light'],
      [WIDE, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await overflow(page)).toBe(0);
      expect(await accessibilityProblems(page, ['color-contrast'])).toEqual([]);
    }
  });

  test.each([
    [NARROW, 'light'],
    [WIDE, 'dark'],
  ] as const)(
    'the histogram of a smoke run fits and can be read at %i px, %s',
    async (width, colorScheme) => {
      const { page, complaints } = await open(shopSmoke());
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const summary of await page.locator('details:not([open]) summary').all()) await summary.click();
      expect(await overflow(page)).toBe(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      const boxes = await Promise.all(
        (await page.locator('.test .histogram').all()).map(async (each) => each.boundingBox()),
      );
      expect(boxes.length).toBeGreaterThan(0);
      for (const box of boxes) {
        expect(box?.width).toBeGreaterThan(200);
        expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
      }
      expect(complaints).toEqual([]);
    },
  );

  test('names the version of a broker as that of NATS', async () => {
    const { page } = await open(shopDrift());
    expect(await page.locator('.facts').textContent()).toContain('NATS 1.4.4');
  });

  test('shows declared and live values, stake, source and history of an object that differs', async () => {
    const { page } = await open(shopDrift());
    await disclosure(page, 'station/orders').click();
    await disclosure(page, 'station/orders-returns').click();
    const text = await page.locator('#objects').innerText();
    for (const part of [
      '604800',
      '86400',
      '7 d',
      '1 d',
      'stacks/orders/orders-stack.ts:62',
      'The tag hotfix was added.',
      'anna',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('18,164 messages (7.14 MiB) and 1 consumer group at stake');
    expect(text).toContain('The broker cannot change the number of partitions.');
  });

  test('narrows the table by words, status, kind and stack, and reports the number to a screen reader', async () => {
    const { page } = await open(shopDrift());
    expect(await result(page)).toBe('23 objects');
    await search(page).fill('RETURNS');
    expect(await result(page)).toBe('2 of 23 objects');
    await page.getByLabel('Kind').selectOption('station');
    expect(await names(page)).toEqual(['orders-returns']);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Status').selectOption('attention');
    expect(await result(page)).toBe('6 of 23 objects');
    await page.getByLabel('Stack').selectOption('shipping');
    expect(await names(page)).toEqual(['shipping-carriers']);
    await search(page).fill('nothing has this name');
    expect(await page.locator('#objects').innerText()).toContain('No object fits the filters.');
  });

  test('a count in the head narrows the table to what it counts, and back', async () => {
    const { page } = await open(shopDrift());
    const missing = page.getByRole('button', { name: '2 Missing' });
    await missing.click();
    expect(await names(page)).toEqual(['shipping-carriers', 'orders-archive']);
    expect(await missing.getAttribute('aria-pressed')).toBe('true');
    await missing.click();
    expect(await result(page)).toBe('23 objects');
  });

  test('works with the keyboard alone', async () => {
    const { page } = await open(shopDrift());
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the report');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await disclosure(page, 'station/orders').focus();
    await page.keyboard.press('Enter');
    expect(await disclosure(page, 'station/orders').getAttribute('aria-expanded')).toBe('true');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
  });

  test('a node of the topology opens the details of its object, whatever the filters hide', async () => {
    const { page } = await open(shopDrift());
    await search(page).fill('shipping');
    await page.locator('.node[title=orders-returns]').click();
    await disclosure(page, 'station/orders-returns').and(page.locator(':focus')).waitFor();
    expect(await disclosure(page, 'station/orders-returns').getAttribute('aria-expanded')).toBe('true');
    expect(await search(page).inputValue()).toBe('');
  });

  test('marks drift on nodes and links of the topology', async () => {
    const { page } = await open(shopDrift());
    expect(await page.locator('.node[title=orders]').innerText()).toMatch(
      /94.3K messages\s+2 changes\s+3 partitions · 3 groups/,
    );
    expect(await page.locator('.node[title=orders-archive]').innerText()).toContain('Missing');
    // The dead letters of the missing station, and the schema that is not enforced.
    expect(await page.locator('.map .link.missing').count()).toBe(2);
    expect(await page.locator('.map .link').count()).toBe(12);
  });

  test('opens 3,000 stations in at most two seconds', async () => {
    const { page } = await newPage();
    const file = fileWith(largeShop(3_000));
    // Time of the processor, which does not grow when other tests run at the same time.
    const client = await page.context().newCDPSession(page);
    await client.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(file);
    await page.locator('#objects tbody tr').first().waitFor();
    const { metrics } = await client.send('Performance.getMetrics');
    const seconds = metrics.find(({ name }) => name === 'TaskDuration')?.value;
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(2);
  });

  test('groups 3,000 stations by the beginning of their names, and finds each by its name', async () => {
    const { page } = await open(largeShop(3_000));
    await page.getByRole('button', { name: 'Everything' }).click();
    await page.locator('.node.group.station', { hasText: 'orders-…' }).click();
    await page.locator('.node.group', { hasText: 'orders-us-…' }).click();
    expect(await page.locator('.map .node').count()).toBeLessThan(80);
    await search(page).fill('orders-us-1012');
    expect(await names(page)).toEqual(['orders-us-1012', 'orders-us-1012']);
  });

  test('stacks the stations of a column in the order of their names, 50 before 250', async () => {
    const { page } = await open(largeShop(3_000));
    const tops = ['fraud-us-50', 'fraud-us-250', 'fraud-us-1450'].map(
      async (name) => (await page.locator(`.node[title="${name}"]`).boundingBox())?.y ?? NaN,
    );
    const [first = NaN, second = NaN, third = NaN] = await Promise.all(tops);
    expect(first).toBeLessThan(second);
    expect(second).toBeLessThan(third);
  });

  test('draws the topology also when no station is on the broker yet', async () => {
    const objects = shopDrift().objects.filter(({ name }) => name === 'orders-archive');
    const { page } = await open({ ...shopDrift(), objects });
    const nodes = await page.locator('.map .node').allInnerTexts();
    expect(nodes.map((text) => text.split('\n')[0]).sort()).toEqual([
      'orders-archive',
      'orders-dead-letters',
    ]);
  });

  test('lists what a plan changes before the smoke tests that it runs', async () => {
    const { page } = await open(shopPlan());
    expect(await page.locator('h2').allInnerTexts()).toEqual([
      'Changes',
      'Smoke tests that the deploy will run',
    ]);
    expect((await names(page)).slice(0, 2)).toEqual(['payments-legacy', 'orders-returns']);
  });

  test('shows each expectation of a smoke test and how long its messages took', async () => {
    const { page } = await open(shopSmoke());
    expect(await heading(page)).toBe('2 of 3 tests did not pass');
    const failed = await page.locator('.test.failed').innerText();
    for (const part of ['all messages are delivered', '998', 'Not met', 'smoke-payments-0412', '31.9 ms']) {
      expect(failed).toContain(part);
    }
    expect(await page.locator('.test.failed .histogram rect').count()).toBe(19);
  });

  test('prints the details of what differs', async () => {
    const { page } = await open(shopDrift());
    await page.emulateMedia({ media: 'print' });
    await page.locator('.differences').first().waitFor();
    expect(await page.locator('tr.details').count()).toBe(6);
    expect(await page.locator('.filters').isVisible()).toBe(false);
  });

  test('moves nothing for those who asked for less motion', async () => {
    const { page } = await open(shopDrift());
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moving = await page.evaluate(`
      [...document.querySelectorAll('*')].map((element) => getComputedStyle(element)).filter((style) =>
        (style.transitionProperty !== 'none' && style.transitionDuration !== '0s') ||
        style.animationName !== 'none' ||
        style.scrollBehavior === 'smooth').length`);
    expect(moving).toBe(0);
  });

  test('a name, tag or value with markup stays text', async () => {
    const attack = `"><img src=x onerror=alert(1)></script><script>alert(2)</script>\u2028'&amp;`;
    const [first, ...others] = shopDrift().objects;
    if (first === undefined) throw new Error('the report has no object');
    const hostile: ReportedObject = {
      ...first,
      name: attack,
      differences: [{ field: attack, declared: attack, live: [attack], effect: 'replace', why: attack }],
      history: [{ at: attack, by: attack, what: attack }],
      findings: [{ severity: 'error', code: attack, message: attack, field: attack }],
    };
    const report = { ...shopDrift(), stacks: [attack], objects: [hostile, ...others] };
    const { page, complaints } = await open(report);
    await page.locator('#objects .disclosure').first().click();
    // What does not print is shown by its number.
    expect(await names(page)).toContain(attack.replace('\u2028', '\\u2028'));
    expect(await page.locator('img, #page script').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('every report is drawn without a complaint, and nothing in it becomes an element', async () => {
    const { page, complaints } = await newPage();
    await fc.assert(
      fc.asyncProperty(anyReport, async (report) => {
        await page.goto(fileWith(report));
        for (const each of await page.locator('#objects .disclosure').all()) await each.click();
        expect(complaints).toEqual([]);
        expect(await page.locator('h1').count()).toBe(1);
        expect(await page.locator('img, iframe, object, [onerror], #page script, #page style').count()).toBe(
          0,
        );
        expect(await overflow(page)).toBe(0);
      }),
      { numRuns: many(12) },
    );
  });

  test('a served page follows the report of its server, and says when the server does not answer', async () => {
    const first = shopDrift();
    let answer: { status: number; report: Report } = { status: 200, report: first };
    const server = createServer((request, response) => {
      if (request.url === '/report.json') {
        response.writeHead(answer.status, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(answer.report));
      } else {
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
        response.end(html.render(first, { isServed: true }));
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { page } = await newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await disclosure(page, 'station/orders').click();
      // A page that is shown again asks at once.
      const askNow = () => page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
      answer = {
        status: 200,
        report: { ...first, objects: first.objects.filter(({ kind }) => kind !== 'schema') },
      };
      await askNow();
      await page.locator('h1', { hasText: '5 of 19 objects differ' }).waitFor();
      expect(await disclosure(page, 'station/orders').getAttribute('aria-expanded')).toBe('true');
      answer = { ...answer, status: 503 };
      await askNow();
      await page.locator('.summary .lost', { hasText: 'The server does not answer' }).waitFor();
      expect(await heading(page)).toBe('5 of 19 objects differ');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
