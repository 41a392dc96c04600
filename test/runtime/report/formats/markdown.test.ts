import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { formatNamed } from '../../../../src/runtime/report/formats';
import { markdownCode, markdownSentence } from '../../../../src/runtime/report/formats/markdown-text';
import { printable, printableSentence } from '../../../../src/runtime/report/formats/printable';
import { anyReport, driftReport, largeReport, planReport } from '../../../support/reports';
import { many } from '../../../support/random';

const markdown = formatNamed('markdown');
// Tables, strikethrough, links of bare addresses, and HTML, as GitHub and GitLab have them.
const parser = new MarkdownIt({ html: true, linkify: true });
const own = 'details|summary|b|code|h2|h3|p|strong|table|thead|tbody|tr|th|td|ul|li';

/** The text of the rendered page between its tags and comments. */
function textNodes(html: string): string[] {
  return html.split(/<!--.*?-->|<\/?[a-z0-9]+(?: open)?>/s).map(decoded);
}

function decoded(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replace(/&(?:#(\d+)|(\w+));/g, (all, number?: string, name?: string) =>
    number === undefined ? (named[name ?? ''] ?? all) : String.fromCodePoint(Number(number)),
  );
}

/** What a page must not have, whatever the names in it are. */
function expectSafe(source: string): void {
  const html = parser.render(source);
  const tags = html.replaceAll('<!-- -->', '').match(/<[^>]*>?/g) ?? [];
  const foreign = tags.filter((tag) => !new RegExp(`^</?(?:${own})>$|^<details open>$`).test(tag));
  expect(foreign).toEqual([]);
  for (const tag of ['details', 'summary', 'table', 'li']) {
    expect(html.split(`<${tag}`).length).toBe(html.split(`</${tag}>`).length);
  }
  // No list or heading inside an item of a list.
  expect(html).not.toMatch(/<li>\s*(?:<p>\s*)?<(?:ul|ol|h\d)/);
  for (const text of textNodes(html)) expect(text).not.toMatch(/[@#!~$&%^][\w"]|www\.\w|\bGH-\d/i);
  for (const line of source.split('\n').filter((each) => each.startsWith('|')))
    expect(line.endsWith(' |')).toBe(true);
  for (const table of source.split('\n\n').filter((paragraph) => paragraph.startsWith('|'))) {
    const cells = table
      .trimEnd()
      .split('\n')
      .map((row) => row.split('|').length);
    expect(new Set(cells).size).toBe(1);
  }
}

test.each([driftReport(), planReport()])(
  'uses its own tags and no other, and no mention or reference',
  (report) => {
    expectSafe(markdown.render(report, { isComplete: true }));
  },
);

test('every random report keeps its tables, and shows names as they are', () => {
  fc.assert(
    fc.property(anyReport, fc.boolean(), (report, isComplete) => {
      const source = markdown.render(report, { isComplete });
      expect(source.length).toBeLessThanOrEqual(65_536);
      expectSafe(source);
    }),
    { numRuns: many(150) },
  );
});

test('a name or sentence in Markdown is read back as it was', () => {
  const hostile = fc.array(
    fc.constantFrom(
      ...Array.from('\\`*_[]<>|&@#!~$%^{}()=+-.:/ "\''),
      '1.',
      'www.',
      'http://',
      'GH-1',
      '@a',
      'word',
      '&lt;',
      '<b>',
      '\n',
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(hostile, (parts) => {
      const text = parts.join('');
      const shown = (source: string): string => textNodes(parser.renderInline(source)).join('');
      expect(shown(markdownCode(text))).toBe(printable(text));
      expect(shown(markdownSentence(text))).toBe(printableSentence(text));
    }),
    { numRuns: many(1000) },
  );
});

test('puts what destroys first and opens it', () => {
  const page = markdown.render(planReport());
  const summaries = page.match(/<details.*\n<summary>.*/g) ?? [];
  expect(summaries.map((each) => /<code>(.*)<\/code>/.exec(each)?.[1])).toEqual([
    'legacy',
    'orders',
    'order',
    'refunds',
  ]);
  expect(summaries.map((each) => each.startsWith('<details open>'))).toEqual([true, true, false, false]);
});

test('lists smoke tests that will run apart', () => {
  expect(markdown.render(planReport())).toMatch(/### Smoke tests that will run\n\n(\|.*\n){3}$/);
});

test('cuts a comment by whole objects and says how many are left out', () => {
  const page = markdown.render(largeReport(5000, 5000));
  expect(page.length).toBeLessThanOrEqual(65_536);
  expect(page.length).toBeGreaterThan(60_000);
  const shown = page.split('<details').length - 1;
  expect(page.split('</details>').length - 1).toBe(shown);
  const [, left = ''] = /Not shown for lack of room: ([\d,]+) more objects\.\*\*\n$/.exec(page) ?? [];
  expect(Number(left.replaceAll(',', '')) + shown).toBe(5000);
});

test.each([1000, 20_000, 1_048_576])('keeps below %i bytes', (maximumBytes) => {
  const report = largeReport(10_000, 10_000);
  const emoji = {
    ...report,
    objects: report.objects.map((object) => ({ ...object, name: `📦${object.name}` })),
  };
  const bytes = Buffer.byteLength(markdown.render(emoji, { maximumBytes }));
  expect(bytes).toBeLessThanOrEqual(maximumBytes);
  expect(bytes).toBeGreaterThan(maximumBytes / 2 - 300);
});
