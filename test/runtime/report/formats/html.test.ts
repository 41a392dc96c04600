import { html } from '../../../../src/runtime/report/formats/html';
import { shopDrift, shopPlan, shopSmoke } from '../../../support/shop-reports';

const attacks = [
  '</script><script>alert(1)</script>',
  '<!--<script>',
  '"><img src=x onerror=alert(1)>',
  '\u2028\u2029',
];

/** The report as the page reads it. */
function embedded(page: string): unknown {
  const [, text = ''] = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(page) ?? [];
  return JSON.parse(text);
}

describe('the HTML file of a report', () => {
  test.each([
    ['drift', shopDrift()],
    ['plan', shopPlan()],
    ['smoke', shopSmoke()],
  ])('a %s report comes back unchanged from the data in its page', (_, report) => {
    expect(embedded(html.render(report))).toEqual(JSON.parse(JSON.stringify(report)));
  });

  test('markup in names, tags and values leaves the structure of the file as it is', () => {
    const report = shopDrift();
    const [first] = report.objects;
    if (first === undefined) throw new Error('the report has no object');
    const tagsIn = (page: string) => page.match(/<\/?[a-z]+/gi)?.length;
    const plain = html.render(report);
    for (const attack of attacks) {
      const hostile = {
        ...report,
        stacks: [attack],
        brokers: [{ address: attack, restAddress: attack, serverVersion: attack }],
        objects: [
          {
            ...first,
            name: attack,
            differences: [{ field: attack, declared: attack, live: [attack], effect: 'inPlace' as const }],
          },
        ],
      };
      const page = html.render(hostile);
      expect(tagsIn(page)).toBe(tagsIn(plain));
      expect(page).not.toMatch(/[\u2028\u2029]/);
      expect(embedded(page)).toEqual(hostile);
    }
  });

  test('the file names no address that a browser would load', () => {
    const [page = ''] = html.render(shopDrift()).split('<script>');
    expect(page.match(/(src|href)="(?!data:)[^"]*"/g)).toBeNull();
    expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'/);
  });

  test('only a served page may ask its server for the current report', () => {
    const policyOf = (page: string) => /connect-src '(\w+)'/.exec(page)?.[1];
    const [file, served] = [html.render(shopDrift()), html.render(shopDrift(), { isServed: true })];
    expect([policyOf(file), policyOf(served)]).toEqual(['none', 'self']);
    expect(file).not.toContain('<meta name="report-source"');
    expect(served).toContain('<meta name="report-source" content="report.json"');
  });

  test('a small report makes a file of at most 400 KiB', () => {
    expect(Buffer.byteLength(html.render(shopDrift()))).toBeLessThan(400 * 1024);
  });
});
