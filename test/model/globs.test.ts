import { globMatcher, isPlainName } from '../../src/model/globs';

test.each([
  ['orders*', 'Orders-EU', true],
  ['ORDERS', 'orders', true],
  ['{a,b}.x', 'b.x', true],
  ['*', '.hidden', true],
  ['!orders', 'payments', false],
  ['!orders', '!orders', true],
  ['shop/**', 'shop/orders/enforcement', true],
])('the glob %s and the name %s: %p', (pattern, name, fits) => {
  expect(globMatcher(['never', pattern])(name)).toBe(fits);
});

test('without any glob each name fits, and a plain name is not a glob', () => {
  expect(globMatcher([])('orders')).toBe(true);
  expect([isPlainName('orders.eu'), isPlainName('orders*')]).toEqual([true, false]);
});
