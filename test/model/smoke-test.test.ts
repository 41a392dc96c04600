import { readSmokeTestSpec } from '../../src/model/smoke-test';
import { problemsOf as toldBy } from '../support/problems-of';

const legal = { name: 'orders', station: 'orders.eu' };

const problemsOf = (document: unknown): readonly string[] => toldBy(() => readSmokeTestSpec(document));

test.each<[why: string, document: object]>([
  ['a name and a station are enough', legal],
  [
    'everything there is',
    {
      ...legal,
      schema: 'order',
      messages: 10_000,
      timeoutMs: 600_000,
      sample: { a: [1, null] },
      invalidSample: 'x',
      connection: {
        host: 'h',
        port: 6666,
        username: 'u',
        accountId: '1',
        restUrl: 'http://h:9000',
        caFile: 'ca.pem',
      },
    },
  ],
  ['null is a sample', { ...legal, sample: null }],
])('legal: %s', (_why, document) => {
  expect(readSmokeTestSpec(document)).toEqual(document);
});

test.each<[why: string, document: unknown, problem: RegExp]>([
  ['a list is no document', [legal], /not a JSON object/],
  ['nor is null', null, /not a JSON object/],
  ['the name is missing', { station: 's' }, /^name is missing/],
  ['a name that leaves no room for the suffix of a run', { ...legal, name: 'a'.repeat(101) }, /^name is/],
  ['no station has such a name', { ...legal, station: 'a b' }, /^station is "a b"/],
  [
    'nothing to send proves nothing',
    { ...legal, messages: 0 },
    /^messages is 0; it must be a whole number from 1 to 10000/,
  ],
  ['a time without end', { ...legal, timeoutMs: 600_001 }, /^timeoutMs is 600001/],
  ['a typing mistake would be ignored', { ...legal, smaple: 1 }, /^smaple is not a setting of a smoke test/],
  [
    'an unknown setting would be ignored',
    { ...legal, connection: { hots: 'h' } },
    /^connection\.hots is not a connection setting/,
  ],
  [
    'a setting that is not a string',
    { ...legal, connection: { host: {} } },
    /^connection\.host must be a string or a number/,
  ],
  ['a connection that is none', { ...legal, connection: 'h' }, /^connection must be an object/],
])('refused: %s', (_why, document, problem) => {
  expect(problemsOf(document)).toEqual([expect.stringMatching(problem)]);
});

test.each([
  ['password', 'MEMPHIS_PASSWORD'],
  ['connectionToken', 'MEMPHIS_CONNECTION_TOKEN'],
  ['restPassword', 'MEMPHIS_REST_PASSWORD'],
])('the secret %s is refused and not shown', (setting, variable) => {
  const problems = problemsOf({ ...legal, connection: { [setting]: 'hunter2' } });
  expect(problems).toEqual([`connection.${setting} is a secret; set ${variable} in the environment instead`]);
});
