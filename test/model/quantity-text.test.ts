import { quantityText } from '../../src/model/quantity-text';

test.each([
  [3600, 'seconds', '1 h'],
  [61, 'seconds', '61 s'],
  [604_800, 'seconds', '7 d'],
  [120_000, 'milliseconds', '2 min'],
  [1500, 'milliseconds', '1500 ms'],
  [1_073_741_824, 'bytes per partition', '1.0 GiB'],
  [100_000, 'messages per partition', '100,000 messages'],
  [1, 'messages per partition', '1 message'],
])('%s in %s is %s', (value, unit, text) => {
  expect(quantityText(value, unit)).toBe(text);
});

test.each([
  [0, 'seconds'],
  ['3600', 'seconds'],
  [3, 'partitions'],
  [3, undefined],
])('%p with the unit %s is as clear without words', (value, unit) => {
  expect(quantityText(value, unit)).toBeUndefined();
});
