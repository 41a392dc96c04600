import {
  AuthenticationError,
  ConnectionError,
  NotFoundError,
  TimeoutError,
} from '../../../../src/model/errors';
import { stationFields, stationRules } from '../../../../src/model/station';
import { problemsOf } from '../../../../src/model/validation';
import { UNKNOWN } from '../../../../src/runtime/provider/cty/value';
import { diagnosticOf } from '../../../../src/runtime/provider/framework/diagnostics';
import {
  diagnosticFor,
  explained,
  Outage,
  problemDiagnostics,
} from '../../../../src/runtime/provider/resources/diagnose';

const silent = (name: string) =>
  new TimeoutError({ attempted: `create station "${name}"`, found: 'no answer within 10 s' });
const unreachable = (name: string) =>
  new ConnectionError({
    attempted: `create station "${name}"`,
    found: 'nothing listens on localhost:6666',
    next: 'Check MEMPHIS_HOST and MEMPHIS_PORT',
  });

/** What Terraform shows of an action that throws. */
async function shown(thrown: unknown, outage?: Outage) {
  const failure = explained(() => Promise.reject(thrown as Error), outage);
  return diagnosticOf(await failure.catch((error: unknown) => error));
}

test('an error of the engine reaches Terraform with summary and detail apart, at its attribute', async () => {
  const summary = 'Could not create station "a"';
  const detail =
    'Nothing listens on localhost:6666.\n\nCheck MEMPHIS_HOST and MEMPHIS_PORT.\n\n(MEMPHIS_CONNECTION)';
  expect(await shown(unreachable('a'))).toEqual({ severity: 'error', summary, detail });
  expect(diagnosticFor(unreachable('a'), 'name')).toEqual({
    severity: 'error',
    summary,
    detail,
    attribute: 'name',
  });
});

test('an error that is not of this package stays as it is', async () => {
  const defect = new TypeError('x is undefined');
  await expect(explained(() => Promise.reject(defect), new Outage())).rejects.toBe(defect);
});

describe('a broker that is unreachable during an apply', () => {
  test('prints the reason with the first resource, and one line with each of the others', async () => {
    const outage = new Outage();
    const [first, ...others] = [
      await shown(unreachable('a'), outage),
      await shown(silent('b'), outage),
      await shown(unreachable('c'), outage),
    ];
    expect(first).toEqual(await shown(unreachable('a')));
    expect(others).toEqual(
      ['b', 'c'].map((name) => ({
        severity: 'error',
        summary: `Could not create station "${name}": the broker is still unreachable; the longer error of this run says why`,
        detail: '',
      })),
    );
  });

  test('shortens no other error, and none of another broker', async () => {
    const outage = new Outage();
    const refused = new NotFoundError({ attempted: 'a', found: 'b' });
    const login = new AuthenticationError({ attempted: 'a', found: 'b' });
    for (const other of [refused, login]) expect(await shown(other, outage)).toEqual(await shown(other));
    // They were not the first error either.
    expect(await shown(silent('a'), outage)).toEqual(await shown(silent('a')));
    for (const other of [refused, login]) expect(await shown(other, outage)).toEqual(await shown(other));
    expect(await shown(silent('a'), new Outage())).toEqual(await shown(silent('a')));
  });
});

test('each problem of a configuration stands at its attribute', () => {
  const declaration = { name: 'orders', replicas: 7, partitionsNumber: 0 };
  const [replicas, partitions] = problemsOf(declaration, { fields: stationFields, rules: stationRules });
  expect(
    problemDiagnostics(stationFields, stationRules, { name: 'orders', replicas: 7, partitions_number: 0 }),
  ).toEqual([
    {
      severity: 'error',
      summary: 'Invalid value for replicas',
      detail: `${replicas}.`,
      attribute: 'replicas',
    },
    {
      severity: 'error',
      summary: 'Invalid value for partitions_number',
      detail: `${partitions}.`,
      attribute: 'partitions_number',
    },
  ]);
});

test.each([
  ['messages', 'MESSAGES', 'messages'],
  ['bytes', 'BYTES', 'bytes'],
])(
  'a retention by %s without its limit is refused, unless the limit is not known yet',
  (type, word, unit) => {
    const config = { name: 'orders', retention_type: type, retention_value: null };
    expect(problemDiagnostics(stationFields, stationRules, config)).toEqual([
      {
        severity: 'error',
        summary: 'Invalid value for retention_value',
        detail: `retentionValue is missing; with retentionType ${word} it must be given (${unit} per partition).`,
        attribute: 'retention_value',
      },
    ]);
    const late = { ...config, retention_value: UNKNOWN };
    expect(problemDiagnostics(stationFields, stationRules, late)).toEqual([]);
  },
);
