import { verdictOf } from '../../../../../src/runtime/report/formats/html-page/verdict';
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
