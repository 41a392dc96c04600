import { verdictOf } from '../../../../../src/runtime/report/formats/html-page/verdict';
import { totals } from '../../../../../src/runtime/report/formats/words';
import { shopDrift, shopSmoke } from '../../../../support/shop-reports';

const inSync = shopDrift().objects.filter(({ status }) => status === 'same');
const unknown = shopDrift().objects.filter(({ status }) => status === 'unknown');

test.each([
  [
    'objects that only Terraform knows are not in sync',
    [...inSync, ...unknown],
    'No drift',
    '16 objects in sync, 1 not compared',
  ],
  ['every object in sync', inSync, 'No drift', '16 objects in sync'],
  ['no object', [], 'Nothing to compare', 'No object was compared.'],
])('the headline of a drift report with %s', (_, objects, headline, detail) => {
  expect(verdictOf({ ...shopDrift(), objects, findings: [] })).toEqual({ tone: 'good', headline, detail });
});

test('a report of no smoke test does not say that tests passed', () => {
  expect(verdictOf({ ...shopSmoke(), tests: [], objects: [], findings: [] }).headline).toBe('No test ran');
});

test('an error is the headline of a report without drift, and its totals do not hide it', () => {
  const error = { severity: 'error', code: 'OWNED_ELSEWHERE', message: 'It belongs to shop/x.' } as const;
  const [first, ...rest] = inSync;
  if (first === undefined) throw new Error('no object is in sync');
  const report = { ...shopDrift(), objects: [{ ...first, findings: [error] }, ...rest], findings: [] };
  expect(verdictOf(report)).toEqual({
    tone: 'bad',
    headline: '1 error',
    detail: 'No drift, 16 objects in sync',
  });
  expect(totals(report)).toBe('No drift, but 1 error. 16 objects: 16 as declared.');
});
