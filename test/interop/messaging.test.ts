import type { Memphis } from '../../src/runtime/messaging';
import { brokerIsExternal } from '../support/broker';
import { deadLetters } from './messaging/dead-letters';
import { traffic } from './messaging/traffic';
import { officialSdks } from './sdk/official-sdk';
import { Tour } from './tour/tour';

const features = [...traffic, ...deadLetters];

describe.each(officialSdks)('with the official %s on the other side', (name) => {
  const tour = Tour.forThisFile(name);
  let memphis: Memphis;
  beforeAll(async () => {
    memphis = await tour.broker.client();
  });

  for (const { feature, toThem, toUs } of features) {
    for (const [direction, one] of [
      ['from us to them', toThem],
      ['from them to us', toUs],
    ] as const) {
      if (typeof one === 'function')
        test.concurrent(`${feature}, ${direction}`, () => one({ tour, memphis }));
      else if (one.except !== name)
        test.concurrent(`${feature}, ${direction}`, () => one.verify({ tour, memphis }));
    }
  }
});

test('what a client cannot do is one of the two known faults', () => {
  const holes = features
    .flatMap(({ toThem, toUs }) => [toThem, toUs])
    .flatMap((one) => (typeof one === 'function' ? [] : [`${one.except}: ${one.because}`]));
  expect([...new Set(holes)]).toEqual([
    'memphis-dev: it takes the partition before the right one',
    'memphis-py: it loses a message that its handler calls dead',
  ]);
});

test('Python is there, so that its client is tested as well', () => {
  expect(officialSdks.includes('memphis-py') || brokerIsExternal || process.env.CI !== 'true').toBe(true);
});
