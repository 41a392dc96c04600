import { Duration, Retention, Size, Station } from '../../src';
import { problemsIn, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

test('durations and sizes are rendered in the unit of their prop', () => {
  const { resource } = synthesised((stack) => {
    new Station(stack, 'age', {
      name: 'age',
      retentionValue: Duration.days(7),
      idempotencyWindowMs: Duration.minutes(1.5),
    });
    new Station(stack, 'bytes', {
      name: 'bytes',
      retentionType: Retention.BYTES,
      retentionValue: Size.mebibytes(10),
    });
  });
  expect(resource?.memphis_station).toMatchObject({
    age: { retention_value: 604_800, idempotency_window_ms: 90_000 },
    bytes: { retention_value: 10_485_760 },
  });
});

test.each([
  ['milliseconds', Duration.milliseconds(1500), 1.5],
  ['seconds', Duration.seconds(90), 90],
  ['hours', Duration.hours(2), 7_200],
] as const)('a duration in %s', (_unit, duration, seconds) => {
  expect(duration.toSeconds()).toBe(seconds);
});

test.each([
  ['bytes', Size.bytes(5), 5],
  ['kibibytes', Size.kibibytes(2), 2_048],
  ['gibibytes', Size.gibibytes(1), 1_073_741_824],
] as const)('a size in %s', (_unit, size, bytes) => {
  expect(size.toBytes()).toBe(bytes);
});

test('a fraction of the unit, and a quantity of another kind, are problems that show what was given', () => {
  const problems = problemsIn((stack) => {
    new Station(stack, 'fraction', { name: 'a', retentionValue: Duration.milliseconds(1500) });
    new Station(stack, 'kind', {
      name: 'b',
      retentionType: Retention.MESSAGES,
      retentionValue: Size.bytes(5),
    } as never);
    new Station(stack, 'window', { name: 'c', idempotencyWindowMs: Size.kibibytes(1) } as never);
  });
  expect(problems).toEqual([
    expect.stringMatching(/^\[test\/fraction\] retentionValue is 1\.5; it must be a whole number/),
    expect.stringMatching(
      /^\[test\/kind\] retentionValue is a Size of 5 bytes; it must be a whole number from 1 to \d+ \(messages per partition\)$/,
    ),
    expect.stringMatching(
      /^\[test\/window\] idempotencyWindowMs is a Size of 1 kibibyte; it must be a whole number/,
    ),
  ]);
});
