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

test('what a client cannot do is one of the three known faults', () => {
  const holes = features
    .flatMap(({ feature, toThem, toUs }) => [toThem, toUs].map((one) => ({ feature, one })))
    .flatMap(({ feature, one }) => (typeof one === 'function' ? [] : [`${one.except}: ${feature}`]));
  expect(holes).toEqual([
    'memphis-dev: a partition by a key',
    'memphis-dev: a partition by a key',
    'memphis-py: a message that the handler calls dead, sent again to the other and acknowledged there',
  ]);
});

test('Python is there, so that its client is tested as well', () => {
  expect(officialSdks.includes('memphis-py') || brokerIsExternal || process.env.CI !== 'true').toBe(true);
});
