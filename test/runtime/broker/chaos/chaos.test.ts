import { many, seed } from '../../../support/random';
import { chaos } from './chaos';

// The long form with other seeds is `npm run soak`.
test(`operations of 8 clients with kills in between (seed ${seed}): what was acknowledged is there, and nothing else`, async () => {
  const result = await chaos({ seed, operations: many(200), clients: 8, kills: many(3) });
  expect(result.findings).toEqual([]);
  expect(result.stations).toBeGreaterThan(5);
  expect(result.messages).toBeGreaterThan(5);
  expect(result.foreign).toBeGreaterThan(2);
}, 120_000);
