import type { SdkName } from '../sdk/official-sdk';
import { officialSdks } from '../sdk/official-sdk';
import { stepsOf } from './steps';
import { Tour } from './tour';

/** Registers the tour of one client as the tests of this file. */
export function registerTour(name: SdkName): void {
  const steps = stepsOf(name).map(({ rows, what, verify }) => ({
    title: `${rows.join(', ')}: ${what}`,
    verify,
  }));
  if (!officialSdks.includes(name)) {
    // Where nothing may be skipped (CI), scripts/test.mjs makes a failure of it.
    for (const { title } of steps) test.skip(title, () => undefined);
    return;
  }
  const tour = Tour.forThisFile(name);
  // The steps share nothing but the client, and most of them wait most of the time.
  for (const { title, verify } of steps) test.concurrent(title, () => verify(tour));
  test('nothing is left unhandled, but what two steps of the JavaScript client are about', () => {
    const unhandled = tour.sdk.events.filter(({ event }) => event === 'unhandled').map(({ value }) => value);
    expect(new Set(unhandled)).toEqual(
      new Set(tour.isPython ? [] : ['Partition number not found', 'thrown by the handler']),
    );
  });
}
