import {
  assertCreateSchemaOptions,
  assertDetachSchemaOptions,
  assertEnforceSchemaOptions,
} from '../../../../src/runtime/messaging/station/schema-lifecycle';
import { expectProblems } from '../../../support/problems-of';

type Given = (string | RegExp)[];

const check = {
  create: (options: unknown) => assertCreateSchemaOptions(options as never),
  enforce: (options: unknown) => assertEnforceSchemaOptions(options as never),
  detach: (options: unknown) => assertDetachSchemaOptions(options as never),
};
const schema = { schemaName: 's', schemaType: 'json' };

test.each<[why: string, call: keyof typeof check, options: unknown, problems: Given]>([
  ['no options at all', 'create', undefined, ['the options are undefined; give an object']],
  ['no options at all', 'enforce', null, ['the options are null; give an object']],
  ['no options at all', 'detach', 's', ['the options are "s"; give an object']],
  ['nothing is given', 'create', {}, ['schemaName is missing', 'schemaType is missing', /are both missing/]],
  [
    'a content that is not there, and no file',
    'create',
    { ...schema, schemaContent: undefined },
    [/^schemaContent and schemaFilePath are both missing/],
  ],
  [
    'a content that is not a string',
    'create',
    { ...schema, schemaContent: { type: 'object' } },
    ['schemaContent is of the type object; it must be text'],
  ],
  [
    'null is no content',
    'create',
    { ...schema, schemaContent: null },
    ['schemaContent is null; it must be text'],
  ],
  [
    'a path that is not a string',
    'create',
    { ...schema, schemaFilePath: 5 },
    ['schemaFilePath is 5; it must be text'],
  ],
  ['a path that leads nowhere', 'create', { ...schema, schemaFilePath: '' }, ['schemaFilePath is empty']],
  [
    'which one counts is left open',
    'create',
    { ...schema, schemaFilePath: 'f', schemaContent: '{}' },
    [/^schemaContent and schemaFilePath are both given/],
  ],
  [
    'a number is no name',
    'create',
    { ...schema, schemaName: 5, schemaContent: '{}' },
    ['schemaName is 5; it must be text'],
  ],
  [
    'a number is no type',
    'create',
    { ...schema, schemaType: 5, schemaContent: '{}' },
    [/^Schema type not supported: 5; supported are/],
  ],
  ['no names', 'enforce', {}, ['name is missing', 'stationName is missing']],
  [
    'no texts',
    'enforce',
    { name: 5, stationName: null },
    ['name is 5; it must be text', 'stationName is null; it must be text'],
  ],
  [
    'an empty name, in the words of other clients',
    'enforce',
    { name: '', stationName: 's' },
    ['name and station name can not be empty'],
  ],
  ['no name', 'detach', {}, ['stationName is missing']],
  [
    'an empty name, in the words of other clients',
    'detach',
    { stationName: '' },
    ['station name is missing'],
  ],
  [
    'no text',
    'detach',
    { stationName: ['s'], timeoutRetries: -1 },
    [/^stationName is of the type array/, /^timeoutRetries is -1/],
  ],
])('refused: %s (%s)', (_why, call, options, problems) => {
  expectProblems(() => check[call](options), problems);
});

test('legal options pass', () => {
  expectProblems(() => check.create({ ...schema, schemaContent: '{}', schemaFilePath: undefined }), []);
  expectProblems(() => check.create({ ...schema, schemaFilePath: 'f', timeoutRetries: undefined }), []);
  expectProblems(() => check.enforce({ name: 's', stationName: 's', timeoutRetries: 0 }), []);
  expectProblems(() => check.detach({ stationName: 's', signal: new AbortController().signal }), []);
});
